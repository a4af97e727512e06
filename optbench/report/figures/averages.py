"""The exponentially weighted average: its window, and what bias correction corrects."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from optbench.contract.averages import exponentially_weighted_average, window
from optbench.language import gettext as _
from optbench.report.pictures.panels import facets
from optbench.report.pictures.strokes import specks
from optbench.report.pictures.style import INK, MUTED, PALETTE, drawing

#: the course's three, with windows of 2, 10 and 50 days
BETAS = (0.5, 0.9, 0.98)
DAYS, FIRST = 200, 30
#: of averages without correction
DASH: Any = (0, (4, 1.5))


def temperatures() -> np.ndarray:
    """A made-up series (DAYS,), in degrees Celsius: a half wave plus noise, drawn once and for all."""
    days = np.arange(1, DAYS + 1)
    return 5 + 15 * np.sin(np.pi * days / DAYS) + 2.5 * np.random.default_rng(0).standard_normal(DAYS)


def averages() -> Figure:
    """The corrected averages of a series for three betas, and the first ones with and without correction."""
    days, series = np.arange(1, DAYS + 1), temperatures()
    with drawing():
        made, (whole, start) = facets(2, 3.3, columns=2)
        for axis, end in ((whole, DAYS), (start, FIRST)):
            specks(axis, days[:end], series[:end], 3 if end == DAYS else 4, color=MUTED, alpha=0.7)
            for beta, color in zip(BETAS, PALETTE, strict=False):
                for corrected in (True,) if end == DAYS else (True, False):
                    smooth = exponentially_weighted_average(series[:end], beta, corrected)
                    look: Any = "-" if corrected else DASH
                    axis.plot(days[:end], smooth, color=color, linewidth=1.8, linestyle=look)
            axis.set_xlabel(_("day"))
            axis.set_ylabel(_("temperature, °C"))
        whole.set_title(_("Windows of about 1 / (1 − β) days"))
        start.set_title(_("The first {count} days, with and without correction").format(count=FIRST))
        dots = Line2D([], [], color=MUTED, marker=".", linestyle="none", markersize=5, label=_("a day's value"))
        lines = [
            Line2D(
                [], [], color=color, linewidth=1.8,
                label=_("β = {beta}: {count} days").format(beta=f"{beta:g}", count=f"{window(beta):.0f}"),
            )
            for beta, color in zip(BETAS, PALETTE, strict=False)
        ]
        whole.legend(handles=[dots, *lines], loc="lower center")
        whole.set_ylim(bottom=-2)  # room for the legend
        ways: Any = (("-", _("corrected")), (DASH, _("not corrected")))
        start.legend(
            handles=[Line2D([], [], color=INK, linewidth=1.8, linestyle=look, label=name) for look, name in ways],
            loc="upper left",
        )
        start.set_ylim(-0.5, 16)
        return made
