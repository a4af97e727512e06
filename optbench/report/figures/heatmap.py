"""Workloads x candidates: where each one is quick, where it is slow, where it never arrives."""

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from optbench.report import frames
from optbench.report.style import GRID, MUTED, PAPER, WIDTH, drawing, figure, label, nothing

#: ratios from here on have the last colour
SLOWEST = 8.0


def heat_map(
    trials: pd.DataFrame,
    value: str = "steps_to_target",
    order: Sequence[str] | None = None,
    text: str = "median steps to target, as a multiple of the workload's best",
) -> Figure:
    """Median time to target as a ratio to the workload's best, annotated; colour on a log scale.

    "missed" (– where the cells are narrow): more than half of the seeds missed; a white cell: no run.
    """
    table = frames.median_steps(trials, value)
    if not table.size:
        return nothing("No workload has a target.")
    table = table.loc[frames.names(table.reset_index(), "candidate", order)]
    best = table.replace(np.inf, np.nan).min(axis=0)
    ratio = table.div(best, axis=1).where(np.isfinite(table))
    ratio = ratio.where(table > 0, 1.0).where(np.isfinite(table))  # reached before the first step
    rows, columns = table.shape
    with drawing():
        made = figure(
            1.1 + 0.27 * rows + 0.045 * max(len(str(w)) for w in table), min(WIDTH, 4 + 0.95 * columns)
        )
        axis = made.subplots()
        shown = np.log2(ratio.clip(upper=SLOWEST).astype(float))
        annotations = ratio.map(lambda r: "" if np.isnan(r) else f"{r:.1f}" if r < 99.5 else f"{r:.0f}")
        sns.heatmap(
            shown,
            ax=axis,
            annot=annotations,
            fmt="",
            annot_kws={"fontsize": 8.5},
            cmap="crest",
            vmin=0,
            vmax=np.log2(SLOWEST),
            linewidths=1.5,
            linecolor=PAPER,
            xticklabels=False,
            yticklabels=False,
            cbar_kws={"label": "times the best", "fraction": 0.04, "pad": 0.02, "extend": "max"},
        )
        bar = axis.collections[0].colorbar
        assert bar is not None
        bar.set_ticks([0, 1, 2, 3], labels=["1", "2", "4", "8"])
        bar.ax.tick_params(length=0)
        bar.outline.set_visible(False)
        for (row, column), steps in np.ndenumerate(table.to_numpy(dtype=float)):
            if np.isinf(steps):
                axis.add_patch(Rectangle((column, row), 1, 1, color=GRID, alpha=0.5, linewidth=0, zorder=0))
                missed = "missed" if columns <= 10 else "–"
                axis.text(column + 0.5, row + 0.5, missed, ha="center", va="center", color=MUTED, fontsize=8)
        axis.set_yticks(np.arange(rows) + 0.5, [label(n) for n in table.index], rotation=0)
        slanted = columns > 4 or max(len(str(w)) for w in table) * columns > 80
        axis.set_xticks(
            np.arange(columns) + 0.5,
            [label(n) for n in table],
            rotation=35 if slanted else 0,
            ha="right" if slanted else "center",
            rotation_mode="anchor" if slanted else "default",
        )
        axis.tick_params(length=0)
        axis.grid(visible=False)
        axis.set(xlabel="", ylabel="")
        axis.set_title("\n".join(textwrap.wrap(text, int(9 * made.get_figwidth()))))
        return made
