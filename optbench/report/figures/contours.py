"""Paths of optimizers over the contours of a function of two variables."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from matplotlib.figure import Figure

from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import below_legend, label, nothing
from optbench.report.pictures.style import INK, MUTED, Styles, complete
from optbench.report.words.numbers import number


class Surface(Protocol):
    """What is needed of a function; `optbench.contract.function.Function` gives it."""

    minima: Sequence[Sequence[float]]
    minimum: float
    window: Sequence[Sequence[float]]

    def value(self, w: np.ndarray) -> float: ...


def _with_starts(ends: Sequence[float], starts: Sequence[float]) -> tuple[float, float]:
    """The window's ends along one axis, moved apart where a path begins outside."""
    margin = 0.05 * (ends[1] - ends[0])
    low = [s - margin for s in starts if s < ends[0] and np.isfinite(s)]
    high = [s + margin for s in starts if s > ends[1] and np.isfinite(s)]
    return min([ends[0], *low]), max([ends[1], *high])


def contour_paths(
    function: Surface,
    paths: Mapping[str, np.ndarray],
    styles: Styles | None = None,
    title: str = "",
    points: int = 90,
) -> Figure:
    """Contours at values spread evenly in their logarithm, and each candidate's path, (steps, 2), over them.

    The star marks the minima. The window holds the start of every path; paths leave it where they leave it.
    """
    paths = {n: np.asarray(p, dtype=float) for n, p in paths.items() if np.ndim(p) == 2 and len(p)}
    if len(function.window) != 2 or any(p.shape[1] != 2 for p in paths.values()):
        return nothing("Contours need a function of two variables.")
    looks = complete(styles, list(paths))
    (left, right), (bottom, top) = (
        _with_starts(ends, [p[0, axis] for p in paths.values()]) for axis, ends in enumerate(function.window)
    )
    x, y = np.linspace(left, right, points), np.linspace(bottom, top, points)
    above = np.array([[function.value(np.array([a, b])) for a in x] for b in y]) - function.minimum
    above = np.where(np.isfinite(above), above, np.nan)
    # log(1 + z / z0) spreads the levels whether the surface is a bowl or a canyon
    scale = float(np.nanquantile(np.abs(above), 0.02)) or 1e-12
    shown = np.log1p(np.maximum(above, 0) / scale)
    with below_legend(1, 4.4, list(paths), looks) as (made, (axis,)):
        panel(axis)
        axis.contour(x, y, shown, levels=16, colors=MUTED, linewidths=0.6, alpha=0.7)
        for name, path in paths.items():
            look = looks[name]
            line = axis.plot(
                path[:, 0],
                path[:, 1],
                **look.line,
                linewidth=1.3,
                markersize=3.5,
                markevery=max(1, len(path) // 12),
            )
            mark(line, look.key, f"{name}: {len(path) - 1} steps to {', '.join(number(v) for v in path[-1])}")
            axis.plot(*path[0], marker="o", color=INK, markersize=5)
        for minimum in function.minima:
            axis.plot(*minimum[:2], marker="*", color=INK, markersize=11, linestyle="none")
        axis.set(xlim=(left, right), ylim=(bottom, top), xlabel="$w_1$", ylabel="$w_2$")
        axis.set_title(label(title, 60))
        axis.grid(visible=False)
        return made
