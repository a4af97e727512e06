"""What the terminal shows of a suite that only makes claims: a row a claim, its verdict first."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from optbench.report.terminal import WIDTH, plain
from optbench.report.words import claims_verdict

COLORS = {"supported": "blue", "refuted": "red", "undecided": "dim"}


def told(suite: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The topics of a suite that there is something to show for, in order."""
    talked = {c.get("topic") for c in suite.get("claims", [])} | {
        w.get("topic") for w in suite.get("workloads", [])
    }
    return [topic for topic in suite.get("topics", []) if topic["name"] in talked]


def only_lesson(suite: Mapping[str, Any]) -> bool:
    """Whether candidates run on workloads of their own, so that no ranking of all of them means anything."""
    names = {w["name"] for w in suite.get("workloads", [])}
    ran = [c.get("workloads") for c in suite.get("candidates", [])]
    return bool(told(suite)) and any(some is not None and names - set(some) for some in ran)


def verdict_table(claims: pd.DataFrame) -> Table:
    """A rich table of `results.claims()`, by topic, within 80 columns; statements are broken, not cut."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), width=WIDTH, show_header=False)
    table.add_column("verdict", no_wrap=True, width=9)
    table.add_column("claim", ratio=1)
    before = None
    for topic, word, statement in claims[["topic", "verdict", "statement"]].astype(str).to_numpy():
        if topic != before:
            table.add_row("", "")
            table.add_row("", Text(plain(topic), style="bold"))
            before = topic
        table.add_row(Text(word, style=COLORS.get(word, "")), Text(plain(statement)))
    table.caption = claims_verdict(claims)[0]
    table.caption_justify = "left"
    return table
