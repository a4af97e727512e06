"""What normalizing inputs does to a loss surface, and to descent on it."""

import numpy as np
from matplotlib.figure import Figure

from optbench.language import gettext as _
from optbench.report.figures.regression import Regression, contoured
from optbench.report.pictures.panels import facets
from optbench.report.pictures.style import INK, PALETTE, drawing

STEPS = 500
#: descent is there when its distance to the minimum is this share of the first one
NEAR = 0.01


def regressions() -> tuple[Regression, Regression]:
    """One data set as it is, 100 examples of features with standard deviations 1 and 5, and standardized."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((100, 2)) * [1.0, 5.0]
    y = x @ [2.0, 0.4] + 0.5 * rng.standard_normal(100)
    x, y = x - x.mean(axis=0), y - y.mean()
    return Regression(x, y), Regression(x / x.std(axis=0), y)


def input_scales() -> Figure:
    """Both surfaces, each with descent from a point as far from its minimum, at the best constant rate of each."""
    whole = [np.arange(100)] * STEPS
    with drawing():
        made, axes = facets(2, 3.6, columns=2)
        for number, (axis, cost) in enumerate(zip(axes, regressions(), strict=True)):
            rate = cost.best_rate()
            path = cost.path(cost.minimum + [-2.0, 0.8], rate, whole)
            away = np.linalg.norm(path - cost.minimum, axis=1)
            steps = int(np.argmax(away <= NEAR * away[0]))
            middle = cost.minimum
            contoured(axis, cost, (middle[0] - 2.4, middle[0] + 2.4), (middle[1] - 1.8, middle[1] + 1.8))
            axis.set_aspect("equal")
            axis.plot(*path[: steps + 1].T, color=PALETTE[number], marker="o", markersize=3, linewidth=1.3)
            axis.plot(*path[0], marker="o", color=INK, markersize=5)
            name = (_("As they are"), _("Standardized"))[number]
            axis.set_title(_("{name}: rate {rate}, {steps} steps").format(name=name, rate=f"{rate:.2g}", steps=steps))
        return made
