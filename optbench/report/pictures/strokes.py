"""Lines and bands of a panel, of which a page has hundreds: without what `Axes.plot` and `fill_between` ask of each."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike


def stroke(axis: Axes, x: ArrayLike, y: ArrayLike, **look: Any) -> Line2D:
    """A line as `axis.plot(x, y, **look)` draws it; the axes' limits follow it when they are next asked for."""
    line = Line2D(np.asarray(x), np.asarray(y), **look)
    axis.add_line(line)
    axis._request_autoscale_view()  # type: ignore[attr-defined]
    return line


def between(axis: Axes, x: np.ndarray, low: np.ndarray, high: np.ndarray, **look: Any) -> Any:
    """A band as `axis.fill_between(x, low, high, **look)`; limits do not follow it."""
    if not len(x) or not (np.isfinite(x).all() and np.isfinite(low).all() and np.isfinite(high).all()):
        return axis.fill_between(x, low, high, **look)
    ring = np.column_stack([np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])])
    band = PolyCollection([ring], **look)
    axis.add_collection(band, autolim=False)
    return band
