"""Lines and bands of a panel, of which a page has hundreds: without what `Axes.plot` and `fill_between` ask of each."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

#: points (of 72 an inch) that a coarse line may lie beside what it stands for
SEEN = 0.2
#: the length of what is drawn as a dot: what has none, not every format draws
NONE = 1e-4


def stroke(axis: Axes, x: ArrayLike, y: ArrayLike, coarse: bool = False, **look: Any) -> Line2D:
    """A line as `axis.plot(x, y, **look)` draws it; the axes' limits follow it when they are next asked for.

    coarse   leave out points that nobody sees: the line is a fifth of a point beside them at most
    """
    line = Line2D(np.asarray(x), np.asarray(y), **look)
    axis.add_line(line)
    if coarse:
        path = line.get_path()
        path.should_simplify, path.simplify_threshold = True, SEEN
    axis._request_autoscale_view()  # type: ignore[attr-defined]
    return line


def specks(axis: Axes, x: np.ndarray, y: np.ndarray, size: float, **look: Any) -> Line2D:
    """Round dots, `size` points wide, as one path: its lines have round ends and hardly a length.

    As markers each would be an element of the page, of four times the letters.
    """
    gap = np.full(len(x), np.nan)
    places, heights = np.column_stack([x, x, gap]), np.column_stack([y, y + NONE, gap])
    look = {**look, "linewidth": size, "solid_capstyle": "round", "snap": False}  # to pixels, both ends would be one
    line = stroke(axis, places.ravel(), heights.ravel(), **look)
    line.get_path().should_simplify = False  # which would leave them out
    return line


def between(axis: Axes, x: np.ndarray, low: np.ndarray, high: np.ndarray, **look: Any) -> Any:
    """A band as `axis.fill_between(x, low, high, **look)`; limits do not follow it."""
    if not len(x) or not (np.isfinite(x).all() and np.isfinite(low).all() and np.isfinite(high).all()):
        return axis.fill_between(x, low, high, **look)
    ring = np.column_stack([np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])])
    band = PolyCollection([ring], **look)
    axis.add_collection(band, autolim=False)
    return band
