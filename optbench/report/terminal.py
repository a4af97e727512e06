"""The leaderboard as the terminal shows it: within 80 columns, with intervals."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

#: names up to this length leave room for everything in 80 columns
SHORT = 15


class HasLeaderboard(Protocol):
    def leaderboard(self) -> pd.DataFrame: ...


def leaderboard_table(results: HasLeaderboard) -> Table:
    """A rich table of `results.leaderboard()`, a row a candidate, in its order.

    Names are shown as plain text: neither rich's markup nor control characters take effect.
    """
    board = results.leaderboard()
    names = [plain(name) for name in board.index]
    # long names take the room of the second interval
    short = max(map(len, names), default=0) <= SHORT
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True)
    table.add_column("candidate", overflow="ellipsis", no_wrap=True, max_width=SHORT if short else SHORT + 13)
    columns: list[tuple[str, str, Callable[[dict[str, Any]], str]]] = [
        ("score", "score", lambda row: interval(row, "score")),
        ("iqm", "IQM", lambda row: interval(row, "iqm") if short else ratio(row["iqm"])),
        ("solved", "solved", lambda row: count(row["solved"])),
        ("ratio_to_baseline", "steps", lambda row: ratio(row["ratio_to_baseline"])),
        ("seconds_ratio", "time", lambda row: ratio(row["seconds_ratio"])),
        ("failures", "failed", lambda row: count(row["failures"])),
    ]
    columns = [c for c in columns if c[0] in board and board[c[0]].notna().any()]
    for _, heading, _ in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, (_, row) in zip(names, board.iterrows(), strict=True):
        cells = {str(k): v for k, v in row.items()}
        table.add_row(Text(name), *(Text(show(cells)) for _, _, show in columns))
    if any(c[0] in ("ratio_to_baseline", "seconds_ratio") for c in columns):
        table.caption = "steps and time to target: multiples of the baseline's"
        table.caption_justify = "left"
    return table


def plain(text: Any) -> str:
    """Text without control characters, which could drive the terminal."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def interval(row: dict[str, Any], name: str) -> str:
    """0.81 [0.70, 0.90]; the value alone where it has no interval."""
    value, low, high = (row.get(n, np.nan) for n in (name, f"{name}_low", f"{name}_high"))
    if pd.isna(value):
        return "-"
    if pd.isna(low) or pd.isna(high):
        return f"{value:.2f}"
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


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
