"""Main effects and interactions of crossed components."""

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import Cell, Column, Row, Table, sized
from optbench.report.words.numbers import count, interval, number, plain

COLUMNS = (
    Column("effect_of", "Effect of", number=False),
    Column("where", "Where", number=False),
    Column("metric", "Measured by", number=False),
    Column("effect", "Effect, 95 % interval", "Steps: a ratio of times, below 1 is faster; results: a difference"),
    Column("p_holm", "p", "Corrected by Holm's rule for all effects of its kind"),
    Column("verdict", "Verdict", number=False),
    Column("pairs", "Seeds", "Of the workload with the fewest"),
    Column("aliased", "Cannot be told from", "Effects that this fraction estimates by the same cells", number=False),
)
MEASURED = {"steps": "steps to target", "final": "final result"}


def interaction_table(rows: pd.DataFrame, name: str, title: str) -> Table:
    """A row an effect: main effects, effects within another factor's level, interactions."""
    shown = []
    for row in frames.records(rows):
        cells = [
            Cell(plain(f"{row['level']} instead of {row['plain']}")),
            Cell(plain(where(row))),
            Cell(MEASURED[row["metric"]]),
            sized(interval(row, "effect", "low", "high"), row["effect"]),
            sized(number(float(row["p_holm"])), row["p_holm"]),
            Cell(row["verdict"]),
            sized(count(row["pairs"]), row["pairs"]),
            Cell(plain(row["aliased"])),
        ]
        shown.append(Row(cells, note=plain(row["reason"])))
    columns = [column for column in COLUMNS if column.name != "aliased" or (rows["aliased"] != "").any()]
    if len(columns) < len(COLUMNS):
        shown = [Row(row.cells[:-1], note=row.note) for row in shown]
    return Table(name, title, columns, shown, rows, swatches=False)


def where(row: dict[str, object]) -> str:
    """Over which levels of other factors an effect is meant."""
    if row["kind"] == "main":
        return "on average"
    if row["kind"] == "within":
        return f"with {row['at']}"
    return f"with {row['at']}, over that with {row['against']}"
