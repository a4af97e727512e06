"""Every number of every candidate on every workload."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import CANDIDATE, WORKLOAD, Cell, Row, Table, filled, sized
from optbench.report.words.numbers import count, number, plain, share
from optbench.report.words.standing import from_before, letters

#: column of `optbench.statistics.workload_table`: (heading, explanation)
COLUMNS = {
    "steps_to_target": ("Steps to target", "Median over fresh seeds, misses infinite, with its 95 % interval"),
    "ratio": ("× best", "That median as a multiple of the workload's best"),
    "seconds_to_target": ("Seconds", "Median calibrated seconds to target"),
    "solved": ("Solved", "Share of the runs on fresh seeds that met the target"),
    "final": ("Final result", "Mean test metric at the end (of a function: its value), with its 95 % interval"),
    "failures": ("Failed", "Runs that diverged, raised, crashed or ran out of time"),
}


def by_workload(table: pd.DataFrame, order: Sequence[str], results: Any = None) -> Table:
    """A row a workload and candidate, from `workload_table`; `results` say which were made before, and where."""
    old, places = from_before(results), letters(results)[0]
    if len(table):
        workloads = frames.names(table, "workload")
        place = {name: i for i, name in enumerate(order)}
        table = table.sort_values("candidate", key=lambda names: names.map(place), kind="stable")
        table = table.sort_values("workload", key=lambda names: names.map(workloads.index), kind="stable")
    columns = filled(COLUMNS, table)
    rows = []
    for values in frames.records(table):
        candidate, workload = str(values["candidate"]), str(values["workload"])
        cells = [Cell(plain(candidate)), Cell(plain(workload))]
        cells += [sized(_measured(c.name, values), values[c.name]) for c in columns]
        words = ["from before" if workload in old.get(candidate, ()) else "", places.get((workload, candidate), "")]
        rows.append(Row(cells, candidate, workload, note=", ".join(filter(None, words))))
    return Table("workloads", "Results by workload", [CANDIDATE, WORKLOAD, *columns], rows, table)


def _measured(column: str, row: dict[str, Any]) -> str:
    value = row[column]
    if value is None or pd.isna(value):
        return "–"
    if column == "solved":
        return share(value)
    if column == "failures":
        return count(value)
    if column == "steps_to_target" and math.isinf(value):
        return "missed"
    ends = {"steps_to_target": "steps", "final": "final"}.get(column)
    text = number(float(value))
    if ends and pd.notna(row.get(f"{ends}_low")) and pd.notna(row.get(f"{ends}_high")):
        text += f" [{number(float(row[f'{ends}_low']))}, {number(float(row[f'{ends}_high']))}]"
    return text
