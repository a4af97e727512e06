"""What changed between two runs."""

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import CANDIDATE, WORKLOAD, Cell, Column, Row, Table
from optbench.report.words.changes import short
from optbench.report.words.numbers import interval, plain
from optbench.results.comparison import Comparison
from optbench.results.judging import ALL

NAMES = {"steps": "steps to target", "final": "final result", "seconds": "seconds a step", "outcomes": "failed trials"}


def judged(found: Comparison) -> Table:
    """A row a candidate, workload and metric, with its verdict."""
    rows = []
    for record in frames.records(found.table):
        before, after = (float(record[name]) for name in ("before", "after"))
        cells = [
            Cell(plain(record["candidate"])),
            Cell("all workloads" if record["workload"] == ALL else plain(record["workload"])),
            Cell(NAMES[record["metric"]]),
            *(Cell("" if pd.isna(value) else short(value), value) for value in (before, after)),
            Cell(interval(record, "effect", "low", "high"), float(record["effect"])),
            Cell(str(record["pairs"] or ""), float(record["pairs"])),
            Cell(record["verdict"]),
        ]
        rows.append(Row(cells, str(record["candidate"]), note=record["reason"]))
    columns = [
        CANDIDATE,
        WORKLOAD,
        Column("metric", "What", number=False),
        Column("before", "Before", "Median over seeds of steps; mean of final results"),
        Column("after", "After"),
        Column("effect", "Change", "With its 95 % interval"),
        Column("pairs", "Pairs", "Runs with the same seed"),
        Column("verdict", "Verdict", number=False),
    ]
    return Table("changes", "What changed, candidate by candidate", columns, rows, found.table, swatches=False)


def listed(name: str, title: str, frame: pd.DataFrame) -> Table:
    """A row a difference, with its columns as they are."""
    columns = [Column(str(c), str(c).capitalize(), number=False) for c in frame]
    rows = [
        Row([Cell(plain(short(value))) for value in record.values()], str(record.get("candidate", "")))
        for record in frames.records(frame)
    ]
    return Table(name, title, columns, rows, frame, swatches=False)
