"""The leaderboard as the terminal shows it: within 80 columns, with intervals."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from optbench.report.bridges import tolls

#: columns of the terminal that everything has to fit in
WIDTH = 80
GAP = 2
#: so many cautions are shown; the report has them all
MOST_CAUTIONS = 6


class HasLeaderboard(Protocol):
    def leaderboard(self) -> pd.DataFrame: ...


Show = Callable[[dict[str, Any]], str]


def leaderboard_table(results: HasLeaderboard) -> Table:
    """A rich table of `results.leaderboard()`, a row a candidate, in its order.

    Names are shown as plain text: neither rich's markup nor control characters take effect. Where it would grow wider
    than 80 columns, the IQM goes without its interval, and then names are cut.
    """
    board = results.leaderboard()
    rows = [{str(k): v for k, v in row.items()} for row in board.to_dict("records")]
    names = [plain(name) for name in board.index]
    columns = _columns(board, True)
    if _width(names, columns, rows) > WIDTH:
        columns = _columns(board, False)
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
    bridges = getattr(results, "bridges", None) or {}
    costs = getattr(results, "costs", None) if bridges else None
    for toll in tolls(bridges, [str(name) for name in board.index], costs):
        note = plain(f"via {toll.library}: {', '.join(toll.candidates)}; the bridge takes {toll}")
        table.caption = f"{table.caption}\n{note}" if table.caption else note
        table.caption_justify = "left"
    return table


def caution_lines(cautions: pd.DataFrame, most: int = MOST_CAUTIONS) -> list[str]:
    """A line a caution of `Results.cautions()`, the first of each kind before the second of any; then how many more."""
    turn = cautions.groupby("kind", sort=False).cumcount()
    rows = cautions.loc[turn.sort_values(kind="stable").index[:most]].sort_index()
    lines = []
    for kind, workload, candidate, message in rows[["kind", "workload", "candidate", "message"]].astype(str).to_numpy():
        about = f"{candidate} on {workload}" if candidate and workload else candidate or workload
        lines.append(plain(f"caution ({kind}): {about}{': ' if about else ''}{message}"))
    if len(cautions) > most:
        lines.append(f"and {len(cautions) - most} more cautions: see the report")
    return lines


def ruleset_lines(suite: Mapping[str, Any]) -> list[str]:
    """A line where candidates were not tuned: such a ranking is another one than that of tuned ones."""
    if suite.get("ruleset") != "tuning-free":
        return []
    return ["ruleset tuning-free: every candidate ran with one setting, as declared; nothing was searched"]


def held_out_lines(variants: pd.DataFrame) -> list[str]:
    """A line a candidate that fails on held-out variants, from `Results.variants()`: it loses the time on the base."""
    lines = []
    for candidate, rows in variants[~variants["qualified"].astype(bool)].groupby("candidate", sort=False):
        names, bases = ", ".join(rows["workload"]), ", ".join(dict.fromkeys(rows["variant_of"]))
        lines.append(
            plain(f"held out: {candidate} is not within 4 times the best on {names}: a miss on {bases} in the score")
        )
    return lines


def _columns(board: pd.DataFrame, intervals: bool) -> list[tuple[str, Show]]:
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


def plain(text: Any) -> str:
    """Text without control characters, which could drive the terminal."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def interval(row: Mapping[str, Any], name: str, low: str = "", high: str = "") -> str:
    """0.81 [0.70, 0.90], in as many figures as tell the ends apart; the value alone where it has no interval.

    low, high   the columns of its ends, default NAME_low and NAME_high
    """
    ends = (row.get(low or f"{name}_low", np.nan), row.get(high or f"{name}_high", np.nan))
    value = row.get(name, np.nan)
    if pd.isna(value):
        return "-"
    if pd.isna(ends[0]) or pd.isna(ends[1]):
        return ratio(value)
    digits = 3 if 0 < ends[1] - ends[0] < 0.02 else 2
    return f"{value:.{digits}f} [{ends[0]:.{digits}f}, {ends[1]:.{digits}f}]"


def share(value: Any) -> str:
    """A share as a percentage."""
    return "-" if value is None or pd.isna(value) else f"{100 * float(value):.0f} %"


def ratio(value: Any) -> str:
    """A factor in three figures; - where there is none, inf where the target was never reached."""
    if value is None or pd.isna(value):
        return "-"
    value = float(value)
    if not np.isfinite(value):
        return "inf"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.3g}"


def count(value: Any) -> str:
    """A whole number, or a share such as 5/6 as it comes."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "-"
    return plain(value) if isinstance(value, str) else f"{float(value):g}"
