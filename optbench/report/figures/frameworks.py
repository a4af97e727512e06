"""One training in several frameworks: the cost that all have, and what is left of a difference."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from optbench.lab.frameworks.same import EQUAL, Training, same_training
from optbench.language import gettext as _
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import RULE, facets, label, log_axis
from optbench.report.pictures.style import INK, MUTED, PALETTE, drawing
from optbench.report.words.numbers import number

#: no difference at all is drawn here, below the last bit of a double
NONE = 1e-17
TICKS = (1e-16, 1e-14, 1e-12, 1e-10)
LOOKS: tuple[dict[str, Any], ...] = tuple(
    {"color": color, "marker": marker} for color, marker in zip(PALETTE, "os^Dv", strict=False)
)


def frameworks(trainings: Sequence[Training] | None = None) -> Figure:
    """Left the cost of each step, right its relative difference from the first framework's, which is NumPy's.

    trainings   those of `same_training()`, which is run by default; what did not run is named with the reason
    """
    found = list(same_training() if trainings is None else trainings)
    ran = [one for one in found if not one.problem]
    missing = [f"{one.framework.title}: {label(one.problem, 90)}" for one in found if one.problem]
    with drawing():
        made, (cost, apart) = facets(2, 3.2, columns=2, extra=0.5 + 0.2 * len(missing))
        for place, one in enumerate(ran):
            look, steps = LOOKS[place % len(LOOKS)], np.arange(1, len(one.costs) + 1)
            # the same line again and again: marks of each at steps of its own
            every = (4 * place, 4 * max(len(ran), 2))
            line = cost.plot(steps, one.costs, linewidth=1.4, markersize=4.5, markevery=every, **look)
            told = _("{name}: {cost} at the last step")
            mark(line, "", told.format(name=f"{one.framework.title} {one.version}", cost=f"{one.costs[-1]:.12f}"))
            if place == 0:
                continue
            gap = np.maximum(one.differences(ran[0]), NONE)
            line = apart.plot(steps, gap, linestyle="none", markersize=3.2, alpha=0.8, clip_on=False, **look)
            told = _("{name}: {difference} at most, weights included")
            mark(line, "", told.format(name=one.framework.title, difference=number(one.difference(ran[0]))))
        cost.set(xlabel=_("steps"), ylabel=_("cost of the mini-batch"))
        cost.set_title(_("The cost of each step"))
        apart.axhline(EQUAL, **RULE)
        apart.annotate(
            _("ten digits"), (1, EQUAL), (0, 3), textcoords="offset points", color=INK, va="bottom", fontsize=8
        )
        apart.set(xlabel=_("steps"), ylabel=_("relative difference"))
        log_axis(apart, "y", NONE / 2, 1e-9)
        apart.set_yticks([NONE, *TICKS], ["0", *(f"{tick:g}" for tick in TICKS)])
        apart.set_title(_("How far from NumPy's") if len(ran) > 1 else _("No other framework is installed"))
        handles = [
            Line2D([], [], linewidth=1.4, markersize=4.5, label=f"{one.framework.title} {one.version}", **LOOKS[k])
            for k, one in enumerate(ran)
        ]
        handles += [Line2D([], [], linestyle="none", label=text) for text in missing]
        shown = made.legend(handles=handles, loc="outside upper left", ncols=2 if missing else 3, handletextpad=0.5)
        for text in shown.get_texts()[len(ran) :]:
            text.set_color(MUTED)
        return made
