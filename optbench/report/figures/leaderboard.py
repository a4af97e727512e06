"""Who wins, by how much, how sure: a dot and an interval for each candidate."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.report.frames import complete
from optbench.report.style import Styles, drawing, facets, label, nothing

MEASURES = (
    ("score", "score: area under the performance profile"),
    ("iqm", "interquartile mean of normalized results"),
)


def leaderboard(
    table: pd.DataFrame,
    styles: Styles | None = None,
    measures: Sequence[tuple[str, str]] = MEASURES,
) -> Figure:
    """Dots with 95 % intervals, best first.

    table      indexed by candidate; a column for each measure, and <measure>_low, <measure>_high where it has them
    measures   (column, label) of each panel; those without a value are left out
    """
    measures = [(c, text) for c, text in measures if c in table and table[c].notna().any()]
    if not measures or not len(table):
        return nothing("No candidate has a score yet.")
    candidates = [str(n) for n in table.index]
    looks = complete(styles, candidates)
    with drawing():
        made, axes = facets(len(measures), 0.55 + 0.27 * len(candidates), columns=2)
        if len(measures) == 2:
            axes[1].sharey(axes[0])
        for place, (axis, (column, text)) in enumerate(zip(axes, measures, strict=True)):
            _panel(axis, table, column, candidates, looks)
            axis.set_title(text)
            axis.tick_params(labelleft=place == 0, left=False)
        return made


def _panel(axis: Axes, table: pd.DataFrame, column: str, candidates: list[str], looks: Styles) -> None:
    blank = pd.Series(np.nan, index=table.index)
    low = table.get(f"{column}_low", blank).to_numpy(dtype=float)
    high = table.get(f"{column}_high", blank).to_numpy(dtype=float)
    for row, (name, value) in enumerate(zip(candidates, table[column].to_numpy(dtype=float), strict=True)):
        look = looks[name]
        if np.isfinite(low[row]) and np.isfinite(high[row]):
            axis.plot([low[row], high[row]], [row, row], color=look.color, linewidth=2, solid_capstyle="butt")
        if np.isfinite(value):
            axis.plot([value], [row], color=look.color, marker=look.marker, markersize=7, linestyle="none")
    axis.set_yticks(range(len(candidates)), [label(n) for n in candidates])
    axis.set_ylim(len(candidates) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    axis.margins(x=0.06)
