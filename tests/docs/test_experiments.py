"""docs/experiments.md runs from top to bottom, and prints what it says."""

from pathlib import Path

import pytest

from support.pages import agree, run, sections

PARTS = sections(Path(__file__).parents[2] / "docs" / "experiments.md")


@pytest.fixture(scope="module")
def preamble():
    names = {}
    for code, _ in PARTS[0][1]:
        run(code, names)
    return names


#: seven trainings of 25,000 steps and three of 15,000
LONG = "The course's own numbers"
#: of commands, which need libraries that optbench does not: tests/lab/test_frameworks.py
COMMANDS = "The same in other frameworks"
CASES = [pytest.param(h, b, id=h, marks=[pytest.mark.slow] * (h == LONG)) for h, b in PARTS[1:] if h != COMMANDS]


@pytest.mark.parametrize(("heading", "blocks"), CASES)
def test_the_page_prints_what_it_says(heading, blocks, preamble):
    names = dict(preamble)
    assert blocks
    for code, expected in blocks:
        printed = run(code, names)
        assert expected, f"{heading}: no output is shown for\n{code}"
        agree(printed, expected)


def test_the_long_section_is_there():
    assert LONG in [heading for heading, _ in PARTS]


def test_a_wrong_number_on_the_page_would_be_found():
    agree("cost 0.6931", "cost 0.6931")
    with pytest.raises(AssertionError):
        agree("cost 0.6931", "cost 0.7131")
    with pytest.raises(AssertionError):
        agree("cost 0.69", "costs 0.69")
