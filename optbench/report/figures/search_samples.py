"""Nine points on a grid and nine at random, with what each tells of the hyperparameter that matters."""

import numpy as np
from matplotlib.figure import Figure

from optbench.language import N_
from optbench.language import gettext as _
from optbench.report.pictures.panels import facets
from optbench.report.pictures.style import INK, PALETTE, drawing

SIDE = 3


def important(x: np.ndarray) -> np.ndarray:
    """The result as it depends on the important hyperparameter, both between 0 and 1: a peak at 0.7, a tenth wide.

    f(x) = exp(-(x - 0.7)² / (2 0.1²))
    """
    return np.exp(-((np.asarray(x) - 0.7) ** 2) / (2 * 0.1**2))


def samples() -> dict[str, np.ndarray]:
    """{name: (9, 2)}: the middles of a 3x3 partition of the unit square, and nine uniform points of one fixed draw."""
    middles = (np.arange(SIDE) + 0.5) / SIDE
    grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
    return {N_("Grid"): grid, N_("Random"): np.random.default_rng(0).uniform(size=grid.shape)}


def search_samples() -> Figure:
    """Both samples, below the response to the important hyperparameter at the values that each of them tries.

    After Bergstra and Bengio 2012, figure 1. The response is `important`; the other hyperparameter does nothing.
    """
    x = np.linspace(0, 1, 201)
    with drawing():
        made, axes = facets(4, 2.3, columns=2)
        for column, (name, points) in enumerate(samples().items()):
            above, below = axes[column], axes[column + 2]
            values = np.unique(points[:, 0])
            above.plot(x, important(x), color=INK, linewidth=1.4)
            above.vlines(values, 0, important(values), colors=PALETTE[column], linewidth=0.9)
            above.plot(values, important(values), "o", color=PALETTE[column], markersize=5, clip_on=False)
            best = float(important(values).max())
            told = _("{name}: {count} values tried, best result {best}")
            above.set_title(told.format(name=_(name), count=len(values), best=f"{best:.2f}"))
            above.set_ylabel(_("result"))
            above.set_ylim(0, 1.08)
            below.vlines(points[:, 0], points[:, 1], 1, colors=PALETTE[column], linewidth=0.9)
            below.plot(*points.T, "o", color=PALETTE[column], markersize=6, clip_on=False)
            below.set_xlabel(_("important hyperparameter"))
            below.set_ylabel(_("unimportant one"))
            below.set_ylim(0, 1)
            for axis in (above, below):
                axis.set_xlim(0, 1)
                axis.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        return made
