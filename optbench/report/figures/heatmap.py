"""Workloads x candidates: where each one is quick, where it is slow, where it never arrives."""

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, rgb_to_hsv, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from optbench.report import frames
from optbench.report.pictures.marks import label_keys, mark
from optbench.report.pictures.panels import WIDTH, figure, label, nothing
from optbench.report.pictures.style import GRID, INK, Style, Styles, complete, drawing
from optbench.report.words.numbers import number

#: ratios from here on have the last colour
SLOWEST = 8.0
#: rows above which workloads are named at the top: the bottom is on another screen
TALL = 16
#: letters on cells, which keep their colours on dark paper: not the page's ink
ON_LIGHT, ON_DARK = "#16181c", "#fbfbfb"


def heat_map(
    trials: pd.DataFrame,
    value: str = "steps_to_target",
    order: Sequence[str] | None = None,
    text: str = "median steps to target, as a multiple of the workload's best",
    styles: Styles | None = None,
) -> Figure:
    """Median time to target as a ratio to the workload's best, in numbers; dark is slow, on a log scale.

    "missed" (– where the cells are narrow): more than half of the seeds missed; a white cell: no run.
    """
    table = frames.median_steps(trials, value)
    if not table.size:
        return nothing("No workload has a target.")
    table = table.loc[frames.names(table.reset_index(), "candidate", order)]
    looks = complete(styles, list(table.index))
    best = table.replace(np.inf, np.nan).min(axis=0)
    ratio = table.div(best, axis=1).where(np.isfinite(table))
    ratio = ratio.where(table > 0, 1.0).where(np.isfinite(table))  # reached before the first step
    rows, columns = table.shape
    with drawing():
        longest = max(len(label(w)) for w in table)
        made = figure(1.1 + 0.27 * rows + 0.045 * longest, min(WIDTH, 2.5 + 0.95 * columns))
        axis = made.subplots()
        colors = sns.color_palette("crest", as_cmap=True)
        relative = ratio.to_numpy(dtype=float)
        scale = Normalize(0, np.log2(SLOWEST))
        for (row, column), time in np.ndenumerate(table.to_numpy(dtype=float)):
            name, workload = str(table.index[row]), str(table.columns[column])
            _cell(
                axis,
                (row, column),
                (time, float(relative[row, column])),
                lambda share: colors(scale(share)),
                looks[name],
                f"{name} on {workload}",
                columns,
            )
        axis.set(xlim=(0, columns), ylim=(rows, 0))
        axis.set_yticks(np.arange(rows) + 0.5, [label(n) for n in table.index], rotation=0)
        label_keys(axis.yaxis, [looks[str(name)].key for name in table.index])
        slanted = columns > 4 or longest * columns > 80
        axis.set_xticks(
            np.arange(columns) + 0.5,
            [label(n) for n in table],
            rotation=35 if slanted else 0,
            ha="center" if not slanted else "left" if rows > TALL else "right",
            rotation_mode="anchor" if slanted else "default",
        )
        axis.tick_params(length=0)
        if rows > TALL:
            axis.xaxis.tick_top()
        axis.spines[:].set_visible(False)
        axis.grid(visible=False)
        axis.set_title("\n".join(textwrap.wrap(text, int(9 * made.get_figwidth()))))
        return made


def _cell(
    axis: Axes,
    place: tuple[int, int],
    values: tuple[float, float],
    color_of: object,
    look: Style,
    what: str,
    columns: int,
) -> None:
    """A coloured field with its number; grey where the target was missed."""
    row, column = place
    time, ratio = values
    if np.isnan(time):
        return
    missed = bool(np.isinf(time))
    color = GRID if missed else color_of(np.log2(min(ratio, SLOWEST)))  # type: ignore[operator]
    field = Rectangle((column + 0.02, row + 0.04), 0.96, 0.92, color=color, alpha=0.5 if missed else 1, linewidth=0)
    axis.add_patch(field)
    if missed:
        shown, ink = ("missed" if columns <= 10 else "–"), INK
        said = f"{what}: missed by more than half of the seeds"
    else:
        dark = rgb_to_hsv(to_rgb(color))[2] < 0.62
        shown, ink = (f"{ratio:.1f}" if ratio < 99.5 else f"{ratio:.0f}"), ON_DARK if dark else ON_LIGHT
        said = f"{what}: median {number(time)}, {ratio:.2f} times the workload's best"
    text = axis.text(column + 0.5, row + 0.5, shown, ha="center", va="center", color=ink, fontsize=8.5, zorder=1)
    mark([field, text], look.key, said)
