"""Paths of optimizers over the contours of a function of two variables, one a panel."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from optbench.language import gettext as _
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import SINGLE, WIDTH, facets, label, nothing
from optbench.report.pictures.style import INK, MUTED, PAPER, Styles, complete, drawing
from optbench.report.pictures.timing import time_bar, timed, until
from optbench.report.words.numbers import number

#: what is marked, and how
START: dict[str, Any] = {"marker": "o", "color": INK, "markersize": 5}
END: dict[str, Any] = {"marker": "o", "color": INK, "markersize": 6, "markerfacecolor": PAPER, "markeredgewidth": 1.3}
MINIMUM: dict[str, Any] = {"marker": "*", "color": INK, "markersize": 11}
#: how far beyond the window, as a share of it, it is widened for paths
BEYOND = 0.5
#: inches beside all panels, of numbers and the bar, and above each, of its title
AROUND = 1.4, 0.5


class Surface(Protocol):
    """What is needed of a function; `optbench.contract.function.Function` gives it."""

    minima: Sequence[Sequence[float]]
    minimum: float
    window: Sequence[Sequence[float]]

    def value(self, w: np.ndarray) -> float: ...


def _holding(ends: Sequence[float], starts: np.ndarray, places: np.ndarray) -> tuple[float, float]:
    """The window's ends along one axis, moved apart to hold every start, and paths up to `BEYOND`."""
    size = ends[1] - ends[0]
    near = (places > ends[0] - BEYOND * size) & (places < ends[1] + BEYOND * size)
    held = np.concatenate([starts[np.isfinite(starts)], places[near]])
    low = [held.min() - 0.05 * size] if (held < ends[0]).any() else []
    high = [held.max() + 0.05 * size] if (held > ends[1]).any() else []
    return float(min([ends[0], *low])), float(max([ends[1], *high]))


def contour_paths(
    function: Surface,
    paths: Mapping[str, np.ndarray],
    styles: Styles | None = None,
    title: str = "",
    points: int = 90,
) -> Figure:
    """A panel a candidate, all on the same axes and contours: its path, (steps + 1, 2), with the step as colour.

    Contours are at values spread evenly in their logarithm. The window holds the start of every path, and is widened by
    up to half of its size for paths; those leave it where they leave it. Titles say the value above the minimum at the
    path's end. The title stands above all panels.
    """
    paths = {n: np.asarray(p, dtype=float) for n, p in paths.items() if np.ndim(p) == 2 and len(p)}
    if len(function.window) != 2 or any(p.shape[1] != 2 for p in paths.values()):
        return nothing(_("Contours need a function of two variables."))
    if not paths:
        return nothing(_("There is no path to draw."))
    looks = complete(styles, list(paths))
    window = [
        _holding(ends, np.array([p[0, k] for p in paths.values()]), np.concatenate([p[:, k] for p in paths.values()]))
        for k, ends in enumerate(function.window)
    ]
    x, y = (np.linspace(*ends, points) for ends in window)
    shown = _heights(function, x, y)
    norm = until(max(len(p) for p in paths.values()) - 1)
    columns = len(paths) if len(paths) < 5 else 3
    with drawing():
        made, axes = facets(len(paths), _tall(window, columns) + AROUND[1], columns=columns, extra=0.85)
        for place, (axis, (name, path)) in enumerate(zip(axes, paths.items(), strict=True)):
            axis.contour(x, y, shown, levels=12, colors=MUTED, linewidths=0.6, alpha=0.6)
            end = function.value(path[-1]) - function.minimum if np.isfinite(path[-1]).all() else np.inf
            mark(
                timed(axis, path, norm, linewidths=1.5),
                looks[name].key,
                _("{name}: {steps} steps to {place}, {height} above the minimum").format(
                    name=name, steps=len(path) - 1, place=", ".join(map(number, path[-1])), height=number(end)
                ),
            )
            axis.set(xlim=window[0], ylim=window[1])
            for minimum in function.minima:
                _place(axis, minimum[:2], MINIMUM)
            _place(axis, path[0], START)
            _place(axis, path[-1], END)
            below = _("loss at the end {loss}").format(loss=number(end))
            axis.set_title(f"{label(name, 34 if columns < 4 else 24)}\n{below}")
            axis.grid(visible=False)
            for one in (axis.xaxis, axis.yaxis):
                one.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            # shared axes: their numbers stand at the left and below
            if place % columns:
                axis.tick_params(labelleft=False)
            else:
                axis.set_ylabel("$w_2$")
            if place + columns < len(paths):
                axis.tick_params(labelbottom=False)
            else:
                axis.set_xlabel("$w_1$")
        time_bar(axes[columns - 1], norm)
        handles = [
            Line2D([], [], linestyle="none", label=name, **look)
            for name, look in ((_("start"), START), (_("end of the path"), END), (_("minimum"), MINIMUM))
        ]
        made.legend(
            handles=handles, loc="outside upper left", ncols=3, handletextpad=0.2, alignment="left",
            title=label(title, 80) or None, title_fontproperties={"weight": "bold", "size": 9.5},
        )  # fmt: skip
        return made


def _tall(window: Sequence[tuple[float, float]], columns: int) -> float:
    """Inches of a panel with about one scale on both axes, so that descent crosses contours at right angles."""
    wide = ((WIDTH if columns > 1 else SINGLE) - AROUND[0]) / columns
    (left, right), (bottom, top) = window
    return float(np.clip(wide * (top - bottom) / (right - left), 1.6, 3.4))


def _heights(function: Surface, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """log(1 + z / z0) of the values above the minimum: spreads levels whether the surface is a bowl or a canyon."""
    above = np.array([[function.value(np.array([a, b])) for a in x] for b in y]) - function.minimum
    above = np.where(np.isfinite(above), above, np.nan)
    scale = float(np.nanquantile(np.abs(above), 0.02)) or 1e-12
    return np.log1p(np.maximum(above, 0) / scale)


def _place(axis: Axes, at: Sequence[float] | np.ndarray, look: Mapping[str, Any]) -> None:
    """A mark, whole also at the edge; none for a place out of sight."""
    (left, right), (bottom, top) = axis.get_xlim(), axis.get_ylim()
    if left <= at[0] <= right and bottom <= at[1] <= top:
        axis.plot(*at, linestyle="none", clip_on=False, zorder=4, **look)
