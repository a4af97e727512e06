"""The leaderboard."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from optbench.report import frames
from optbench.report.tables.table import CANDIDATE, Cell, Row, Table, filled, sized
from optbench.report.words.bridges import toll_of
from optbench.report.words.numbers import count, interval, plain, ratio, share
from optbench.report.words.standing import from_before, letters, of_candidates
from optbench.statistics.numerals import ratio_with_interval

#: column: (heading, explanation)
COLUMNS = {
    "score": (
        "Score",
        "Area under the performance profile over steps to target, 0 to 1, with its 95 % interval",
    ),
    "iqm": ("IQM", "Interquartile mean of the normalized final results, with its 95 % interval"),
    "solved": ("Solved", "Share of the runs on fresh seeds that met their workload's target"),
    "ratio_to_baseline": (
        "Steps ×",
        "Steps to target as a multiple of the baseline's, with its 95 % interval: geometric mean over the "
        "workloads that both ran on, a miss as the least that it can have taken",
    ),
    "seconds_ratio": ("Seconds ×", "The same in calibrated seconds"),
    "compared": ("Both", "Workloads that both the candidate and the baseline ran on"),
    "failures": ("Failed", "Runs on fresh seeds that diverged, raised, crashed or ran out of time"),
    "trials": ("Runs", "Runs on fresh seeds"),
}


def leaderboard(
    board: pd.DataFrame, bridges: Mapping[str, Any] | None = None, costs: pd.DataFrame | None = None
) -> Table:
    """The leaderboard; columns without any value are left out.

    bridges, costs   as `optbench.results.results.Results` has them: who is marked "via torch", and what that takes
    """
    columns = filled(COLUMNS, board)
    rows = []
    for name, values in zip(board.index.astype(str), frames.records(board), strict=True):
        toll = toll_of(bridges or {}, name, costs)
        rows.append(
            Row(
                [Cell(plain(name)), *(sized(_cell(c.name, values), values[c.name]) for c in columns)],
                name,
                note=f"via {plain(toll.library)}" if toll else "",
                tip=f"The bridge takes {toll}." if toll else "",
            )
        )
    return Table("leaderboard", "Leaderboard", [CANDIDATE, *columns], rows, board.reset_index(names="candidate"))


def marked(table: Table, results: Any) -> Table:
    """The leaderboard with words beside each candidate that was not run here, or not now, or not where others were."""
    names = {str(name) for name in (getattr(results, "reference", None) or {}).get("candidates", ())}
    old = from_before(results)
    now = {candidate for _, candidate in results.now} if old else set()
    places = of_candidates(letters(results)[0])

    def word(row: Row) -> Row:
        words = [
            row.note,
            "reference" if row.candidate in names else "",
            ("partly from before" if row.candidate in now else "from before") if row.candidate in old else "",
            places.get(row.candidate, ""),
        ]
        return replace(row, note=", ".join(filter(None, words)))

    return replace(table, rows=[word(row) for row in table.rows])


def _cell(column: str, row: dict[str, Any]) -> str:
    if column in ("score", "iqm"):
        return interval(row, column)
    if column == "ratio_to_baseline":
        ends = (row.get(name, math.nan) for name in (column, "ratio_low", "ratio_high"))
        return ratio_with_interval(*(math.nan if pd.isna(end) else float(end) for end in ends))
    if column == "seconds_ratio":
        return ratio(row[column])
    if column == "solved":
        return share(row[column])
    return count(row[column])
