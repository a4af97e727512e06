"""What a user with a budget of k tuning trials can expect: the best of k, a panel a workload."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from optbench.report import tuned
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import nothing, taking_part, workload_panels
from optbench.report.pictures.strokes import between, stroke
from optbench.report.pictures.style import Styles, behind
from optbench.report.words.numbers import number

#: of the bootstrap; a band on a page needs no more
RESAMPLES = 300
#: candidates beyond which bands would hide each other and the curves
BANDS = 3
#: budgets at most that are drawn
POINTS = 48


def tuning_curves(
    trials: pd.DataFrame, styles: Styles | None = None, order: Sequence[str] | None = None
) -> Figure:
    """Expected validation result of the best of k tuning trials against k, with a 95 % bootstrap band over trials.

    Of more than three candidates bands would lie over each other: then each curve says its interval at the largest k.
    Trials without a result count as the worst. The mean of one trial stands at the left, the best of all at the right.
    """
    results = tuned.results(trials)
    if not len(results) or results.groupby(["workload", "candidate"]).size().max() < 2:
        return nothing("No candidate has two tuning trials.")
    candidates, looks = taking_part(results, styles, order)
    return workload_panels(results, 2.35, candidates, looks, _panel)


def _panel(axis: Axes, at: pd.DataFrame, candidates: list[str], looks: Styles) -> None:
    from optbench.statistics import expected_best, tuning_curve

    bands = len(candidates) <= BANDS
    sign = -1 if at["lower"].iloc[0] else 1
    most = 1
    best, first = [], []
    results = dict(list(at.groupby("candidate", sort=False)["result"]))
    for name in behind(candidates, looks):
        values = results[name].to_numpy(dtype=float) if name in results else np.zeros(0)
        if not np.isfinite(values).any():
            continue
        budgets = np.arange(1, len(values) + 1)
        if len(values) > POINTS:
            budgets = np.unique(np.geomspace(1, len(values), POINTS).round().astype(int))
        look = looks[name]
        k, value = budgets.astype(float), np.asarray(expected_best(values, budgets.tolist()), dtype=float)
        low, high = np.full((2, len(k)), np.nan)
        if not look.faint:
            asked = budgets if bands else budgets[-1:]
            curve = tuning_curve(values, resamples=RESAMPLES, k=asked.tolist())
            low[-len(asked) :], high[-len(asked) :] = curve[["low", "high"]].to_numpy(dtype=float).T
        most = max(most, int(k[-1]))
        best.append(float(value[-1]))
        first.append(float(value[0]))
        if bands and not look.faint:
            mark(between(axis, k, sign * low, sign * high, color=look.color, alpha=0.1, linewidth=0), look.key)
        line = stroke(
            axis,
            k,
            sign * value,
            **look.line,
            markersize=4,
            markevery=max(1, len(k) // 6),
        )
        ends = sorted((sign * low[-1], sign * high[-1]))
        spread = "" if look.faint else f" [{number(ends[0])}, {number(ends[1])}]"
        mark(line, look.key, f"{name}: best of {k[-1]:.0f} {number(sign * value[-1])}{spread}…")
    if best:
        # one candidate whose single trials are very bad must not flatten what others reach
        top, bottom = max(best), max(min(first), min(best) - 3 * (max(best) - min(best)) - 0.02 * abs(max(best)))
        margin = 0.06 * (top - bottom) or 0.05
        axis.set_ylim(*sorted((sign * (bottom - margin), sign * (top + margin))))
    axis.set_xlim(max(1 - 0.03 * most, 0.5), most * 1.03)
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axis.set_xlabel("tuning trials (k)")
    axis.set_ylabel(str(at["what"].iloc[0]))
