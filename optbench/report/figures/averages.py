"""The exponentially weighted average: its window, and what bias correction corrects."""

import numpy as np
from matplotlib.figure import Figure

from optbench.contract.averages import exponentially_weighted_average, window
from optbench.report.pictures.panels import facets
from optbench.report.pictures.style import INK, MUTED, PALETTE, drawing

#: the course's three, with windows of 2, 10 and 50 days
BETAS = (0.5, 0.9, 0.98)
DAYS = 200


def averages() -> Figure:
    """Averages of a made-up year's temperatures for three betas, and the first days with and without correction.

    The series is a half wave plus noise, drawn once and for all.
    """
    days = np.arange(1, DAYS + 1)
    noise = np.random.default_rng(0).standard_normal(DAYS)
    series = 5 + 15 * np.sin(np.pi * days / DAYS) + 2.5 * noise
    with drawing():
        made, (left, right) = facets(2, 3.0, columns=2)
        left.plot(days, series, ".", color=MUTED, markersize=3, alpha=0.7)
        for number, beta in enumerate(BETAS):
            smooth = exponentially_weighted_average(series, beta)
            left.plot(
                days,
                smooth,
                color=PALETTE[number],
                linewidth=1.8,
                label=rf"$\beta$ = {beta:g}: {window(beta):.0f} values",
            )
        left.set_title("Windows of 1 / (1 − β) values")
        right.plot(days[:60], series[:60], ".", color=MUTED, markersize=3, alpha=0.7)
        for number, (corrected, name) in enumerate(((True, "corrected"), (False, "not corrected"))):
            right.plot(
                days[:60],
                exponentially_weighted_average(series[:60], BETAS[-1], corrected),
                color=(INK, PALETTE[1])[number],
                linestyle=("-", (0, (4, 1.5)))[number],
                linewidth=1.8,
                label=name,
            )
        right.set_title(f"The first averages, β = {BETAS[-1]:g}")
        for axis in (left, right):
            axis.set_xlabel("step t")
            axis.set_ylabel("value, average")
        left.legend(loc="lower center")
        right.legend(loc="lower right")
        return made
