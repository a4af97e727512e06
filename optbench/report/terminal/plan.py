"""A plan's table in the terminal."""

import math

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from optbench.report import frames
from optbench.report.words.numbers import plain
from optbench.statistics.numerals import percent


def plan_table(table: pd.DataFrame) -> Table:
    """A rich table of `RunPlan.table`, a row a workload; names are plain text."""
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True)
    shown.add_column("workload", overflow="ellipsis", no_wrap=True)
    for heading in ("trials", "minutes", "noise, log time", "tells", "noise, result", "tells"):
        shown.add_column(heading, justify="right")
    for row in frames.records(table):
        shown.add_row(
            Text(plain(row["workload"])),
            str(row["trials"]),
            minutes(row["minutes"]),
            *(
                cell
                for kind in ("time", "result")
                for cell in (noise(row[f"noise_{kind}"]), least(row[f"least_{kind}"]))
            ),
        )
    return shown


def minutes(value: float) -> str:
    """In two figures; – where nobody knows."""
    return "–" if math.isnan(value) else f"{value:.2g}" if value < 10 else f"{value:.0f}"


def noise(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2g}"


def least(value: float) -> str:
    """The least difference that is told: a share; – where nobody knows."""
    return "–" if math.isnan(value) else "nothing" if math.isinf(value) else percent(value)
