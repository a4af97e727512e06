"""Interaction plots: what one factor's levels do, a line a level of the other; parallel lines are no interaction."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.report import frames
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import RULE, below_legend, label, log_axis, nothing
from optbench.report.pictures.style import Styles, candidate_styles
from optbench.report.words.numbers import interval

#: by metric: the title of its panel, and what is to be seen on its axis
PANELS = {
    "steps": ("Steps to target: lower is faster", "over the geometric mean"),
    "final": ("Final result: higher is better", "less the mean"),
}


def interaction_plot(tables: dict[str, pd.DataFrame], factor: str, within: str) -> Figure:
    """A panel a metric ("steps" on a log axis, "final"): `factor`'s levels from left to right, a line each of `within`.

    tables   `optbench.statistics.interactions.levels_table` by metric: level, at, mean, low, high
    """
    tables = {metric: table for metric, table in tables.items() if len(table)}
    if not tables:
        return nothing("No cell of this design has runs.")
    lines = list(dict.fromkeys(at for table in tables.values() for at in table["at"]))
    looks = candidate_styles(lines, "i")
    with below_legend(len(tables), 3.0, lines, looks, columns=2) as (made, axes):
        for axis, (metric, table) in zip(axes, tables.items(), strict=True):
            _draw(axis, table, metric, lines, looks)
            title, unit = PANELS[metric]
            axis.set_title(title)
            axis.set_ylabel(unit)
            axis.set_xlabel(factor)
        return made


def _draw(axis: Axes, table: pd.DataFrame, metric: str, lines: list[str], looks: Styles) -> None:
    levels = list(dict.fromkeys(table["level"]))
    axis.axhline(1.0 if metric == "steps" else 0.0, **RULE)
    for number, at in enumerate(lines):
        rows = table[table["at"] == at]
        # Lines stand a little beside each other: intervals at one place could not be told apart.
        shift = 0.06 * (number - (len(lines) - 1) / 2)
        places = np.array([levels.index(level) + shift for level in rows["level"]])
        artists = list(axis.plot(places, rows["mean"], **looks[at].line))
        mark(artists, looks[at].key)
        for place, row in zip(places, frames.records(rows), strict=True):
            ends = [row["low"], row["high"]]
            if np.isfinite(ends).all():
                bar = axis.plot([place, place], ends, color=looks[at].color, linewidth=1.2)
                mark(bar, looks[at].key, f"{row['level']}, {at}: {interval(row, 'mean', 'low', 'high')}")
    if metric == "steps":
        seen = table[["mean", "low", "high"]].to_numpy(dtype=float)
        seen = seen[np.isfinite(seen) & (seen > 0)]
        log_axis(axis, "y", float(seen.min()) / 1.1, float(seen.max()) * 1.1)
    axis.set_xticks(range(len(levels)), [label(level, 18) for level in levels])
    axis.set_xlim(-0.4, len(levels) - 0.6)
    axis.grid(axis="x", visible=False)
