"""The waterfall from one candidate to another: each step begins where the one before it ended."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from optbench.report import frames
from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import RULE, facets, label, log_axis, nothing
from optbench.report.pictures.style import INK, MUTED, drawing
from optbench.report.words.numbers import interval
from optbench.results.explaining.words import share_text
from optbench.statistics.waterfall import ALL, WHOLE

#: better, worse
COLORS = ("#0072b2", "#d55e00")
#: the mark of a step in one order alone
MARKERS = {"forward": ">", "reverse": "<"}


def waterfall(table: pd.DataFrame, metric: str, a: str, b: str) -> Figure:
    """A panel for all workloads and one for each: a row a step, whose bar goes on from where the one above it ended.

    The thin line is the step's 95 % interval, carets its size in each order alone, the last row the whole.
    table    `optbench.statistics.waterfall.waterfall`
    metric   "steps" (ratios to a's, on a log axis) or "final" (differences from a's result)
    """
    rows = table[table["metric"] == metric]
    places = list(dict.fromkeys(rows["workload"]))
    if not places:
        return nothing("No workload has a target.")
    orders = [name for name in MARKERS if f"effect.{name}" in table]
    with drawing():
        height = 0.9 + 0.24 * rows["step"].nunique()
        made, axes = facets(len(places), height, columns=2, extra=0.35)
        for axis, place in zip(axes, places, strict=True):
            panel(axis, "" if place == ALL else str(place))
            _draw(axis, frames.records(rows[rows["workload"] == place]), metric, orders)
            axis.set_title(label("all workloads" if place == ALL else place, 40))
            axis.set_xlabel(label(_axis(metric, a, b), 70))
        handles = [Line2D([], [], color=c, linewidth=6) for c in COLORS]
        handles += [Line2D([], [], color=INK, marker=MARKERS[o], linestyle="none", markersize=5) for o in orders[:2]]
        words = ["faster" if metric == "steps" else "better", "slower" if metric == "steps" else "worse"]
        shown = handles if len(orders) > 1 else handles[:2]
        names = [*words, "in the order shown", "in reverse"][: len(shown)]
        made.legend(shown, names, loc="outside upper left", ncols=len(shown))
        return made


def _axis(metric: str, a: str, b: str) -> str:
    unit = f"steps to target, as a ratio to {a}'s" if metric == "steps" else f"final result, less {a}'s"
    return f"{unit}; ends at {b}'s"


def _draw(axis: Axes, rows: Sequence[dict[str, Any]], metric: str, orders: Sequence[str]) -> None:
    ratio = metric == "steps"
    origin = 1.0 if ratio else 0.0
    axis.axvline(origin, **RULE)
    at = origin
    seen = [origin]
    for number, row in enumerate(rows):
        begin = origin if row["step"] == WHOLE else at
        ends = [_from(begin, row[name], ratio) for name in ("effect", "low", "high")]
        color = INK if row["step"] == WHOLE else COLORS[int((row["effect"] > 1) if ratio else (row["effect"] < 0))]
        bar = axis.plot([begin, ends[0]], [number, number], color=color, linewidth=9, solid_capstyle="butt")
        if np.isfinite(ends).all():
            bar += axis.plot(ends[1:], [number, number], color=MUTED, linewidth=1.2)
            seen += ends[1:]
        for order in orders if len(orders) > 1 and row["step"] != WHOLE else ():
            place = _from(begin, row[f"effect.{order}"], ratio)
            bar += axis.plot([place], [number], color=INK, marker=MARKERS[order], markersize=5, linestyle="none")
            seen.append(place)
        share = "" if np.isnan(row["share"]) else f", {share_text(row)} of the whole"
        mark(bar, "", f"{row['step']}: {interval(row, 'effect', 'low', 'high')}{share}")
        if row["step"] != WHOLE:
            axis.plot([ends[0]] * 2, [number, number + 1], color=MUTED, linewidth=0.7)
            at = ends[0]
        seen.append(ends[0])
    finite = np.array(seen, dtype=float)
    finite = finite[np.isfinite(finite) & ((finite > 0) | (not ratio))]
    if ratio:
        log_axis(axis, "x", float(finite.min()) / 1.1, float(finite.max()) * 1.1)
    axis.set_yticks(range(len(rows)), [label(_row(row), 40) for row in rows])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.grid(axis="y", visible=False)
    axis.tick_params(left=False)


def _from(begin: float, effect: float, ratio: bool) -> float:
    return begin * effect if ratio else begin + effect


def _row(row: dict[str, Any]) -> str:
    """lr, 77 %: the step with its share."""
    share = "" if np.isnan(row["share"]) or row["step"] == WHOLE else f", {round(100 * row['share'])} %"
    return f"{row['step']}{share}"
