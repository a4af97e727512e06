"""The leaderboard, with intervals."""

from collections.abc import Callable
from typing import Any, Protocol

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from optbench.report import frames
from optbench.report.words.bridges import tolls
from optbench.report.words.numbers import count, interval, plain, ratio, share
from optbench.trials.trial import FINISHED

#: columns of the terminal that everything has to fit in
WIDTH = 80
GAP = 2


class HasLeaderboard(Protocol):
    def leaderboard(self) -> pd.DataFrame: ...


Show = Callable[[dict[str, Any]], str]


def leaderboard_table(results: HasLeaderboard) -> Table:
    """A rich table of `results.leaderboard()`, a row a candidate, in its order.

    Names are shown as plain text: neither rich's markup nor control characters take effect. Where it would grow wider
    than 80 columns, the IQM goes without its interval, and then names are cut.
    """
    board = results.leaderboard()
    rows = frames.records(board)
    names = [plain(name) for name in board.index]
    columns = board_columns(board, True)
    if _width(names, columns, rows) > WIDTH:
        columns = board_columns(board, False)
    room = WIDTH - _width([], columns, rows)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True)
    table.add_column("candidate", overflow="ellipsis", no_wrap=True, max_width=max(room, len("candidate")))
    for heading, _ in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, row in zip(names, rows, strict=True):
        table.add_row(Text(name), *(Text(show(row)) for _, show in columns))
    if any(heading in ("steps", "time") for heading, _ in columns):
        table.caption = "solved: runs that met their target; steps, time to target: times the baseline's"
        table.caption_justify = "left"
    if failed := tuning_failures(getattr(results, "trials", None)):
        note = f"fails: runs on fresh seeds; {failed} tuning trial{'s' if failed != 1 else ''} failed besides"
        table.caption = f"{table.caption}\n{note}" if table.caption else note
        table.caption_justify = "left"
    bridges = getattr(results, "bridges", None) or {}
    costs = getattr(results, "costs", None) if bridges else None
    for toll in tolls(bridges, [str(name) for name in board.index], costs):
        note = plain(f"via {toll.library}: {', '.join(toll.candidates)}; the bridge takes {toll}")
        table.caption = f"{table.caption}\n{note}" if table.caption else note
        table.caption_justify = "left"
    return table


def tuning_failures(trials: pd.DataFrame | None) -> int:
    """Trials of tuning that diverged or failed: the progress of a run counts them, the table does not."""
    if trials is None or not {"phase", "outcome"} <= set(trials):
        return 0
    return int(((trials["phase"] == "tune") & ~trials["outcome"].isin(FINISHED)).sum())


def board_columns(board: pd.DataFrame, intervals: bool) -> list[tuple[str, Show]]:
    """(heading, cell of a row) of each column that has any value."""
    columns: list[tuple[str, str, Show]] = [
        ("score", "score", lambda row: interval(row, "score")),
        ("iqm", "IQM", lambda row: interval(row, "iqm") if intervals else ratio(row["iqm"])),
        ("solved", "solved", lambda row: share(row["solved"])),
        ("ratio_to_baseline", "steps", lambda row: ratio(row["ratio_to_baseline"])),
        ("seconds_ratio", "time", lambda row: ratio(row["seconds_ratio"])),
        ("failures", "fails", lambda row: count(row["failures"])),
    ]
    return [(heading, show) for name, heading, show in columns if name in board and board[name].notna().any()]


def _width(names: list[str], columns: list[tuple[str, Show]], rows: list[dict[str, Any]]) -> int:
    """Characters that a table with these columns takes; without names, all but those."""
    cells = [max([len(heading), *(len(show(row)) for row in rows)]) for heading, show in columns]
    first = max(map(len, ["candidate", *names])) if names else 0
    return first + sum(cells) + GAP * len(columns) + 1
