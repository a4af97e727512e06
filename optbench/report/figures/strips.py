"""One panel a workload, a row a candidate, a dot a seed, a tick at the median: sizes and spread at once."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from optbench.language import N_
from optbench.language import gettext as _
from optbench.report import frames
from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import RULE, facets, log_axis, nothing, rows_of, taking_part, titled
from optbench.report.pictures.strokes import specks, stroke
from optbench.report.pictures.style import GRID, INK, MUTED, Styles, drawing
from optbench.report.words.numbers import number

#: seeds of a candidate in a panel above which so many are drawn, evenly chosen by size
MANY = 40


def target_times(
    trials: pd.DataFrame,
    value: str = "steps_to_target",
    styles: Styles | None = None,
    order: Sequence[str] | None = None,
    text: str = N_("steps to target"),
) -> Figure:
    """Time to target, a dot a seed; misses stand at the right border with their number.

    value   "steps_to_target", "gradients_to_target", "epochs_to_target" or "seconds_to_target"
    """

    def finish(axis: Axes, rows: pd.DataFrame, candidates: list[str], looks: Styles) -> None:
        values = rows[value].to_numpy(dtype=float)
        finite = values[np.isfinite(values)]
        most = int(rows.groupby("candidate")[value].size().max())
        wide = 0.24 if most < 10 else 0.36  # 12/15 needs more room than 3/5
        log = len(finite) > 0 and finite.min() > 0 and finite.max() > 20 * finite.min()
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        if log:
            span = max(high / low, 1.5)
            left, edge, right = low / span**0.06, high * span**0.06, high * span ** (0.06 + wide)
            middle = (edge * right) ** 0.5
            log_axis(axis, "x", left, edge)
        else:
            axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
            left, edge = min(0.0, low), high * 1.06 or 1.0
            right = edge + wide * (edge - left)
            middle = (edge + right) / 2
        missed = rows[np.isinf(rows[value])].groupby("candidate")[value].size()
        if not len(missed):
            axis.set_xlim(left, edge)
            return
        axis.axvspan(edge, right, color=GRID, alpha=0.45, linewidth=0)
        axis.set_xlim(left, right)
        if not log:
            axis.set_xticks([t for t in axis.get_xticks() if left <= t <= edge])
            axis.set_xlim(left, right)
        axis.text(middle, -0.75, _("missed"), ha="center", va="bottom", color=MUTED, fontsize=8, clip_on=False)
        runs = rows.groupby("candidate")[value].count()
        for name, count in missed.items():
            shown = axis.text(
                middle,
                candidates.index(str(name)),
                f"{count}/{runs[name]}",
                ha="center",
                va="center",
                color=INK,
                fontsize=8.5,
                fontweight="bold",
            )
            mark(shown, looks[str(name)].key)

    return _strips(trials, value, text, styles, order, finish, _("No workload has a target."))


def generalization_gap(
    trials: pd.DataFrame, styles: Styles | None = None, order: Sequence[str] | None = None
) -> Figure:
    """How much better on training than on test data, a dot a seed: 0 generalizes fully."""

    def finish(axis: Axes, rows: pd.DataFrame, candidates: list[str], looks: Styles) -> None:
        axis.axvline(0, **RULE)
        values = rows["generalization_gap"].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        if len(values):  # one seed that exploded must not flatten the others
            first, third = np.quantile(values, [0.25, 0.75])
            reach = 6 * (third - first)
            low, high = max(values.min(), first - reach), min(values.max(), third + reach)
            margin = 0.08 * (max(high, 0) - min(low, 0)) or 0.05
            axis.set_xlim(min(low, 0) - margin, max(high, 0) + margin)
        axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))

    return _strips(
        trials,
        "generalization_gap",
        N_("training minus test"),
        styles,
        order,
        finish,
        _("No run has both training and test results."),
    )


def _strips(
    trials: pd.DataFrame,
    value: str,
    text: str,
    styles: Styles | None,
    order: Sequence[str] | None,
    finish: Callable[[Axes, pd.DataFrame, list[str], Styles], None],
    empty: str,
) -> Figure:
    rows = frames.finals(trials)
    if not frames.has_values(rows, value):
        return nothing(empty)
    rows = rows.loc[rows[value].notna(), ["workload", "candidate", value]]  # groups copy all columns that there are
    every, looks = taking_part(rows, styles, order)
    workloads = frames.names(rows, "workload")
    ran = {w: set(trials.loc[trials["workload"] == w, "candidate"]) for w in workloads}
    most = max(len(names) for names in ran.values())
    with drawing():
        titles, extra = titled(workloads)
        made, axes = facets(len(workloads), 0.85 + 0.21 * most + extra)
        for axis, workload in zip(axes, workloads, strict=True):
            # of those that ran elsewhere alone no row would say anything
            candidates = [name for name in every if name in ran[workload]]
            part = rows[rows["workload"] == workload]
            panel(axis, workload)
            axis.set_xlabel(_(text))
            _dots(axis, part, value, candidates, looks)
            finish(axis, part, candidates, looks)
            axis.set_title(titles[workload], pad=14 if value != "generalization_gap" else 6)
            rows_of(axis, candidates, looks, 26 if len(workloads) > 1 else 38)
        return made


def _dots(axis: Axes, rows: pd.DataFrame, value: str, candidates: list[str], looks: Styles) -> None:
    """Each seed by itself, spread over the row; a tick at the median, infinite values counting."""
    place = {name: i for i, name in enumerate(candidates)}
    for name, part in rows.groupby("candidate", sort=False):
        look, at = looks[str(name)], place[str(name)]
        values = part[value].to_numpy(dtype=float)
        everything = np.sort(values)
        if len(values) > MANY:
            values = everything[np.linspace(0, len(values) - 1, MANY).round().astype(int)]
        spread = np.linspace(-0.18, 0.18, len(values)) if len(values) > 1 else np.zeros(1)
        seen = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            median = float(np.median(everything))
        marks = [specks(axis, values[seen], at + spread[seen], 4, color=look.color, alpha=0.65)]
        if np.isfinite(median):
            marks.append(stroke(axis, [median, median], [at - 0.34, at + 0.34], color=look.color, linewidth=2.2))
        told = _("{name}: {values}; median {median}")
        mark(marks, look.key, told.format(name=name, values=_listed(everything), median=number(median)))


def _listed(values: np.ndarray) -> str:
    """Up to ten values; of more, their ends."""
    if len(values) > 10:
        told = _("{count} seeds from {low} to {high}")
        return told.format(count=len(values), low=number(values[0]), high=number(values[-1]))
    return ", ".join(number(v) if np.isfinite(v) else _("missed") for v in values)
