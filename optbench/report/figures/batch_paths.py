"""The same epochs of descent by the whole set, by mini-batches and by single examples."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from optbench.language import N_
from optbench.language import gettext as _
from optbench.report.figures.regression import Regression, contoured
from optbench.report.pictures.panels import facets
from optbench.report.pictures.style import INK, PALETTE, drawing

EXAMPLES, EPOCHS, RATE = 64, 10, 0.1
SIZES = {N_("Batch"): 64, N_("Mini-batch"): 8, N_("Single example"): 1}


def batch_regression() -> Regression:
    """64 examples of two standard normal features, w = (1, 1), with noise of standard deviation 1."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((EXAMPLES, 2))
    return Regression(x, x.sum(axis=1) + rng.standard_normal(EXAMPLES))


def batches(size: int) -> list[np.ndarray]:
    """Row numbers of each step: all examples in a new order every epoch, `size` at a time."""
    rng = np.random.default_rng(1)
    orders = [rng.permutation(EXAMPLES) for _ in range(EPOCHS)]
    return [rows for order in orders for rows in np.split(order, EXAMPLES // size)]


def batch_paths() -> Figure:
    """A panel a batch size, on the same contours, with the same rate and number of epochs."""
    cost = batch_regression()
    with drawing():
        made, axes = facets(len(SIZES), 3.3, columns=3)
        for number, (axis, (name, size)) in enumerate(zip(axes, SIZES.items(), strict=True)):
            path = cost.path(np.array([-1.0, -0.6]), RATE, batches(size))
            contoured(axis, cost, (-1.3, 2.0), (-1.0, 2.3))
            axis.set_aspect("equal")
            small: Any = {"marker": "o", "markersize": 3} if len(path) < 100 else {}
            axis.plot(*path.T, color=PALETTE[number], linewidth=(1.3, 1.1, 0.6)[number], **small)
            axis.plot(*path[0], marker="o", color=INK, markersize=5)
            axis.set_title(
                _("{name}: {steps} steps of {size}").format(name=_(name), steps=len(path) - 1, size=size)
            )
        return made
