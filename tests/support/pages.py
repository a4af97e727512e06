"""Pages whose blocks of Python are run, and print what the page says."""

import contextlib
import io
import re

import pytest

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def sections(page):
    """(heading, [(code, printed), …]) in the page's order; what stands before the first heading is one, too."""
    found = []
    for part in re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
        pairs = re.findall(r"^```python\n(.*?)^```\n(?:\s*```text\n(.*?)^```)?", part, re.MULTILINE | re.DOTALL)
        found.append((part.splitlines()[0], pairs))
    return found


def run(code, names):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "page", "exec"), names)
    return printed.getvalue()


def agree(printed, expected):
    """The same words, and numbers equal up to what another BLAS may change in thousands of steps."""
    assert NUMBER.sub("#", " ".join(printed.split())) == NUMBER.sub("#", " ".join(expected.split()))
    ours, theirs = ([float(n) for n in NUMBER.findall(t)] for t in (printed, expected))
    assert ours == pytest.approx(theirs, rel=0.02, abs=0.002)
