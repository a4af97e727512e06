"""Claims and their verdicts."""

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import Cell, Column, Row, Table, sized
from optbench.report.words.numbers import count, effect, plain

COLUMNS = (
    Column("statement", "Claim", number=False),
    Column("verdict", "Verdict", number=False),
    Column("effect", "Effect, 95 % interval"),
    Column("seeds", "Seeds"),
    Column("metric", "Measured by", number=False),
    Column("source", "Source", number=False),
)


def claims(rows: pd.DataFrame, name: str = "claims", title: str = "Claims") -> Table:
    """A row a claim; behind its verdict the reason."""
    shown = []
    for row in frames.records(rows):
        compared = f"{plain(row.get('better', ''))} with {plain(row.get('worse', ''))}"
        metric = frames.words(plain(row.get("metric", "")))
        reason = "" if pd.isna(row.get("reason")) else plain(row.get("reason", ""))
        cells = [
            Cell(plain(row["statement"])),
            Cell(plain(row["verdict"])),
            sized(effect(row), row["effect"]),
            sized(count(row.get("seeds")), row.get("seeds")),
            Cell(f"{metric} of {compared}, on {plain(row.get('workload', ''))}"),
            Cell("" if pd.isna(row.get("source")) else plain(row.get("source", ""))),
        ]
        shown.append(Row(cells, note=reason))
    return Table(name, title, list(COLUMNS), shown, rows, swatches=False)
