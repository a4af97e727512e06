"""Time as colour: along a path, with a bar that says which colour is which step."""

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, ListedColormap, Normalize, PowerNorm

from optbench.language import gettext as _
from optbench.report.pictures.style import INK

#: The middle of plasma, which is perceptually uniform and read by the colour-blind: its dark end vanishes on dark
#: paper, its bright one on white.
ENDS = 0.36, 0.74
#: pieces of a path, each of one colour: more are not told apart, and each is an element of the page
PIECES = 40


def colors() -> Colormap:
    """From the first step to the last; both stand out on light and on dark paper."""
    from matplotlib import colormaps

    return ListedColormap(colormaps["plasma"](np.linspace(*ENDS, 256)))


def until(steps: int) -> Normalize:
    """Colours of steps 0 to `steps`, by their root: what moves far moves early."""
    return PowerNorm(0.5, 0, max(steps, 1))


def timed(axis: Axes, path: np.ndarray, norm: Normalize, **look: Any) -> LineCollection:
    """A path, (steps + 1, 2), in the colours of its steps; limits do not follow it."""
    last = len(path) - 1
    # evenly in colour, and whole steps
    shares = np.linspace(norm(0), norm(last), PIECES + 1)
    ends = np.unique(np.clip(np.round(norm.inverse(shares)), 0, last).astype(int))
    pieces = [path[first : end + 1] for first, end in pairwise(ends)]
    line = LineCollection(pieces, cmap=colors(), norm=norm, **{"capstyle": "round", **look})
    line.set_array((ends[1:] + ends[:-1]) / 2)
    axis.add_collection(line, autolim=False)
    return line


def time_bar(axis: Axes, norm: Normalize) -> Axes:
    """A bar of the steps' colours, right of the axes."""
    bar = axis.inset_axes((1.06, 0.0, 0.045, 1.0))
    made = axis.get_figure(root=True).colorbar(ScalarMappable(norm, colors()), cax=bar)  # type: ignore[union-attr]
    made.outline.set_visible(False)
    made.set_label(_("step"), color=INK)
    made.set_ticks(ticks(int(norm.vmax or 1)))
    made.minorticks_off()
    bar.grid(visible=False)
    return bar


def ticks(steps: int) -> list[int]:
    """Whole steps at about equal distances in colour: 0, the last, and round ones between."""
    found = [0]
    for share in (0.25, 0.5, 0.75):
        at = share**2 * steps
        digit = 10.0 ** np.floor(np.log10(max(at, 1)))
        found.append(int(round(at / digit) * digit))
    return sorted({t for t in found if t <= 0.8 * steps} | {steps})
