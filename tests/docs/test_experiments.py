"""docs/experiments.md runs from top to bottom, and prints what it says."""

import contextlib
import io
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "experiments.md"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def sections():
    """(heading, [(code, printed), …]) in the page's order."""
    found = []
    for part in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        pairs = re.findall(r"^```python\n(.*?)^```\n(?:\s*```text\n(.*?)^```)?", part, re.MULTILINE | re.DOTALL)
        found.append((part.splitlines()[0], pairs))
    return found


def run(code, names):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(PAGE), "exec"), names)
    return printed.getvalue()


def agree(printed, expected):
    """The same words, and numbers equal up to what another BLAS may change in thousands of steps."""
    assert NUMBER.sub("#", " ".join(printed.split())) == NUMBER.sub("#", " ".join(expected.split()))
    ours, theirs = ([float(n) for n in NUMBER.findall(t)] for t in (printed, expected))
    assert ours == pytest.approx(theirs, rel=0.02, abs=0.002)


@pytest.fixture(scope="module")
def preamble():
    names = {}
    for code, _ in sections()[0][1]:
        run(code, names)
    return names


@pytest.mark.parametrize(("heading", "blocks"), sections()[1:], ids=[h for h, _ in sections()[1:]])
def test_the_page_prints_what_it_says(heading, blocks, preamble):
    names = dict(preamble)
    assert blocks
    for code, expected in blocks:
        printed = run(code, names)
        assert expected, f"{heading}: no output is shown for\n{code}"
        agree(printed, expected)


def test_a_wrong_number_on_the_page_would_be_found():
    agree("cost 0.6931", "cost 0.6931")
    with pytest.raises(AssertionError):
        agree("cost 0.6931", "cost 0.7131")
    with pytest.raises(AssertionError):
        agree("cost 0.69", "costs 0.69")


def test_the_course_results_hold_on_the_page():
    text = dict(sections())
    circles = text["First weights: two circles"][0][1].splitlines()
    numbers = [[float(n) for n in NUMBER.findall(line)] for line in circles]
    (zeros_first, zeros_last, zeros_right, _), (large_first, large_last, large_right, _), (_, _, he_right, _) = numbers
    assert (zeros_first, zeros_last, zeros_right) == (0.6931, 0.6931, 0.5)
    assert large_first > 100
    assert large_last > 0.4
    assert large_right < 0.9 < 0.99 < he_right
    moons = text["Mini-batches: two moons with descent, momentum and Adam"][0][1].splitlines()
    sgd, momentum, adam = (float(NUMBER.findall(line)[-2]) for line in moons)
    assert adam < 0.6 * min(sgd, momentum)
