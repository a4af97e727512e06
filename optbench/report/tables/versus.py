"""Candidates against each other: the first against the others, and all pairs."""

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import CANDIDATE, Cell, Column, Row, Table, sized
from optbench.report.words.numbers import count, interval, number, plain


def versus(table: pd.DataFrame, unit: str) -> Table:
    """A row a candidate other than the first, from `Standing.versus`."""
    name = "Ratio" if unit == "ratio" else "Difference"
    columns = [
        CANDIDATE,
        Column("effect", name, "Of the first to this one, with its 95 % interval"),
        Column("probability", "Chance", "That a run of the first beats one of this one, with its 95 % interval"),
        Column("better", "Better on", "Workloads on which the first is better by itself"),
        Column("worse", "Worse on", "Workloads on which it is worse"),
        Column("undecided", "Undecided on", "Workloads that decide nothing by themselves"),
        Column("p_holm", "p (Holm)", "Of the paired test, corrected for all pairs of candidates"),
        Column("verdict", "Verdict", "Whether the first is told apart from this one at 5 %", number=False),
    ]
    rows = []
    for row in frames.records(table):
        name = str(row["candidate"])
        cells = [
            Cell(plain(name)),
            sized(interval(row, "effect", "low", "high"), row["effect"]),
            sized(interval(row, "probability"), row["probability"]),
            *(sized(count(row[c]), row[c]) for c in ("better", "worse", "undecided")),
            sized(number(float(row["p_holm"])), row["p_holm"]),
            Cell(plain(row["verdict"])),
        ]
        rows.append(Row(cells, name, note=plain(row["reason"] or "")))
    return Table("versus", "The first against the others", columns, rows, table)


def pairs(table: pd.DataFrame, higher: bool) -> Table:
    """A row a pair over all workloads, what is decided first; `higher`: whether they are compared by results."""
    effect = (
        Column("effect", "Difference", "Median over workloads of the first's minus the second's normalized result")
        if higher
        else Column("effect", "Ratio", "Median over workloads of the first's steps over the second's")
    )
    columns = [
        Column("first", "First", number=False),
        Column("second", "Second", number=False),
        effect,
        Column("wins", "Wins", "Workloads on which the first was better"),
        Column("losses", "Losses", "Workloads on which the second was better"),
        Column("ties", "Ties", "Workloads on which both were equal, or both missed"),
        Column("p_holm", "p (Holm)", "Of Wilcoxon's exact signed-rank test, corrected for all pairs"),
        Column("verdict", "Verdict", "Whether the first is told apart from the second at 5 %", number=False),
    ]
    rows = []
    for pair in frames.records(table.sort_values("p_holm", kind="stable")):
        cells = [
            Cell(plain(pair["first"])),
            Cell(plain(pair["second"])),
            sized(number(pair["effect"]), pair["effect"]),
            *(sized(str(pair[c]), pair[c]) for c in ("wins", "losses", "ties")),
            sized(number(pair["p_holm"]), pair["p_holm"]),
            Cell(str(pair["verdict"])),
        ]
        rows.append(Row(cells, str(pair["first"])))
    return Table("pairs", "Pairs of candidates over all workloads", columns, rows, table)
