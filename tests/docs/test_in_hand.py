"""docs/in-hand.md: every program on it ends in a verdict, and its table says how many lines each has."""

import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "suites"))
page, measure = (importlib.import_module(f"in_hand.{name}") for name in ("page", "measure"))
sys.path.remove(str(ROOT / "suites"))
ROWS = page.rows()
#: words of a verdict, one of which ends every comparison
VERDICT = re.compile(r"faster than|slower than|better than|worse than|told apart|equal|undecided")


def test_the_table_counts_the_lines_of_each():
    text = page.PAGE.read_text(encoding="utf-8")
    known = dict(re.findall(r"^\| (.+?) \| (\d+) \| \d+ \| \d+ \|$", text, re.MULTILINE))
    assert known == {row.told: str(row.count) for row in ROWS}
    assert {row.count for row in ROWS} <= {1, 3, 4}, "a command, or an import, a call or two and a name"


def shortened(row):
    """The same lines, with few trials and seeds."""
    lines = row.lines.replace('optbench.run("quick"', 'optbench.run("quick", "serial", trials=1, seeds=2')
    if row.language == "console":
        lines = f"{lines.strip()} --engine serial --trials 1 --seeds 2\n"
    assert lines != row.lines
    return page.Row(row.name, row.language, lines, row.hand)


@pytest.mark.slow  # a process each
@pytest.mark.parametrize("row", [r for r in ROWS if r.name not in page.BRIDGED], ids=lambda row: row.name)
def test_each_ends_in_a_verdict(row):
    assert VERDICT.search(measure.ran(shortened(row))[-1])


@pytest.mark.oracle
@pytest.mark.parametrize("row", [r for r in ROWS if r.name in page.BRIDGED], ids=lambda row: row.name)
def test_those_of_other_libraries_do_too(row):
    pytest.importorskip(page.BRIDGED[row.name][1])
    assert VERDICT.search(measure.ran(shortened(row))[-1])
