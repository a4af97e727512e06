"""Of a suite that only makes claims: a row a claim, its verdict first."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from optbench.report.terminal.leaderboard import WIDTH
from optbench.report.words.controls import claims_headline
from optbench.report.words.numbers import plain

COLORS = {"supported": "blue", "refuted": "red", "undecided": "dim"}


def verdict_table(claims: pd.DataFrame, suite: Mapping[str, Any]) -> Table:
    """A rich table of `results.claims()` of a suite, by topic, within 80 columns; statements are broken, not cut."""
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
    table.caption = claims_headline(suite, claims)[0]
    table.caption_justify = "left"
    return table
