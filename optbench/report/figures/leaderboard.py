"""Who wins, by how much, how sure: a dot and an interval for each candidate."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import RULE, facets, interval, log_axis, nothing, rows_of
from optbench.report.pictures.style import PAPER, Styles, complete, drawing
from optbench.report.words.numbers import number

#: (column, columns of its interval, title, whether it is a ratio, with a log axis and a line at 1)
Measure = tuple[str, tuple[str, str], str, bool]
MEASURES: tuple[Measure, ...] = (
    ("score", ("score_low", "score_high"), "score (more is better)", False),
    ("ratio_to_baseline", ("ratio_low", "ratio_high"), "steps, times the baseline's (less is better)", True),
    ("iqm", ("iqm_low", "iqm_high"), "final result: interquartile mean (more is better)", False),
)


def leaderboard(
    table: pd.DataFrame,
    styles: Styles | None = None,
    measures: Sequence[Measure] = MEASURES,
    level: Collection[str] = (),
) -> Figure:
    """Dots with 95 % intervals, best first.

    table      indexed by candidate; a column for each measure and, where they are known, for its interval
    measures   of the panels, two at most: the first ones that have a value
    level      who is not told apart from the first: hollow marks
    """
    measures = [m for m in measures if m[0] in table and table[m[0]].notna().any()][:2]
    if not measures or not len(table):
        return nothing("No candidate has a score yet.")
    candidates = [str(n) for n in table.index]
    looks = complete(styles, candidates)
    height = 0.27 if len(candidates) <= 10 else 0.2  # inches; the first screen is low
    with drawing():
        made, axes = facets(len(measures), 0.75 + height * len(candidates), columns=2, width=8.0)
        for axis, measure in zip(axes, measures, strict=True):
            panel(axis)
            _panel(axis, table, measure, candidates, looks, level)
            rows_of(axis, candidates, looks)
            axis.set_title(measure[2])
            axis.set_facecolor("none")  # the page's first screen is on other paper
        return made


def _panel(
    axis: Axes,
    table: pd.DataFrame,
    measure: Measure,
    candidates: list[str],
    looks: Styles,
    level: Collection[str],
) -> None:
    column, ends, _, is_ratio = measure
    blank = pd.Series(np.nan, index=table.index)
    values = table[column].to_numpy(dtype=float)
    low, high = (table.get(end, blank).to_numpy(dtype=float) for end in ends)
    if is_ratio:
        shown = np.concatenate([values, low, high])
        shown = shown[np.isfinite(shown) & (shown > 0)]
        left, right = min(shown.min(), 1) / 1.15, max(shown.max(), 1) * 1.15
        log_axis(axis, "x", left, right)
        axis.axvline(1, **RULE)
    for row, (name, value) in enumerate(zip(candidates, values, strict=True)):
        look = looks[name]
        marks = interval(axis, row, low[row], high[row], look.color)
        said = f" [{number(low[row])}, {number(high[row])}]" if marks else ""
        if np.isfinite(value):
            fill = PAPER if name in level else look.color
            marks += axis.plot([value], [row], **look.dots, markersize=7, markeredgewidth=1.6, markerfacecolor=fill)
            mark(marks, look.key, f"{name}: {number(value)}{said}")
    if not is_ratio:
        axis.margins(x=0.06)
