"""Learning curves of many candidates on one workload: a panel a candidate, with the others in grey behind it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from optbench.contract.metric import lower_is_better
from optbench.language import gettext as _
from optbench.report import frames
from optbench.report.figures.curves import limits, spreads
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import RULE, facets, label, log_axis, nothing, taking_part
from optbench.report.pictures.strokes import between, stroke
from optbench.report.pictures.style import FAINT, Styles, drawing
from optbench.report.words.numbers import number


def curves_apart(
    curves: pd.DataFrame,
    trials: pd.DataFrame,
    metric: str | None = None,
    styles: Styles | None = None,
    order: Sequence[str] | None = None,
) -> Figure:
    """Medians over seeds with a band from quartile to quartile, as in `learning_curves`, all on the same axes.

    curves, trials   of one workload, final runs; `metric` by default its target's
    """
    one = ["candidate", "key"]
    curves = curves[curves["phase"] == "final"].drop_duplicates([*one, "step"]) if len(curves) else curves
    trials = trials[trials["phase"] == "final"].drop_duplicates(one) if len(trials) else trials
    if not len(curves):
        return nothing(_("No final run has a learning curve."))
    workload = str(curves["workload"].iloc[0])
    shown = metric or frames.shown_metric(trials, curves, workload)
    candidates, looks = taking_part(curves, styles, order)
    parts = spreads(curves, trials, shown, candidates)
    if not parts:
        return nothing(_("No final run has a learning curve."))
    target = frames.target_of(trials, workload)
    aim = target[1] if target is not None and target[0] == shown else None
    low, high, log = limits(parts, lower_is_better(shown), aim)
    columns = 3 if len(parts) < 10 else 4
    with drawing():
        made, axes = facets(len(parts), 1.75, columns=columns)
        for place, (axis, (name, (steps, middle, below, above))) in enumerate(zip(axes, parts.items(), strict=True)):
            for other, part in parts.items():
                if other != name:
                    stroke(axis, part[0], _seen(part[1]), color=FAINT, linewidth=0.7, coarse=True)
            look = looks[name]
            below, above = np.clip(below, low, high), np.clip(above, low, high)
            between(axis, steps, below, above, color=look.color, alpha=0.2, linewidth=0)
            line = stroke(axis, steps, _seen(middle), color=look.color, linewidth=1.8)
            mark(line, "", _("{name}: {middle} at the end…").format(name=name, middle=number(middle[-1])))
            if aim is not None:
                axis.axhline(aim, **RULE)
            if log:
                log_axis(axis, "y", low, high)
            axis.set_ylim(low, high)
            axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
            axis.set_title(label(name, 26))
            if place % columns:
                axis.tick_params(labelleft=False)
            else:
                axis.set_ylabel(frames.words(shown))
            if place + columns < len(parts):
                axis.tick_params(labelbottom=False)
            else:
                axis.set_xlabel(_("steps"))
        return made


def _seen(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)
