"""Average ranks over workloads, and who is not told apart: the critical-difference diagram (Demšar 2006)."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from optbench.report.pictures.marks import mark, panel
from optbench.report.pictures.panels import (
    RULE,
    WIDTH,
    facets,
    figure,
    interval,
    label,
    nothing,
    rows_of,
    taking_part,
)
from optbench.report.pictures.style import INK, MUTED, Styles, complete, drawing
from optbench.report.words.numbers import number


def rank_diagram(
    ranks: pd.Series,
    groups: Sequence[Sequence[str]],
    critical: float = math.nan,
    styles: Styles | None = None,
) -> Figure:
    """Candidates on an axis of average ranks, 1 the best; a bar joins those that are not told apart.

    ranks      average ranks by candidate
    groups     of `optbench.statistics.cliques`
    critical   Nemenyi's critical difference, drawn as a ruler where it fits on the axis
    """
    if len(ranks) < 2:
        return nothing("Ranks need two candidates.")
    ranks = ranks.sort_values(kind="stable")
    names = [str(n) for n in ranks.index]
    looks = complete(styles, names)
    left, right = 1.0, float(len(names))
    half = math.ceil(len(names) / 2)
    bars = len(groups)
    ruler = 0.9 if math.isfinite(critical) and critical <= right - left else 0.0
    first = 1.0 + 0.35 * bars  # where names begin
    rows = first + 0.62 * half
    with drawing():
        made = figure(0.45 + 0.25 * (rows + ruler), 0.9 * WIDTH)
        axis = made.subplots()
        axis.set_axis_off()
        reach = 0.42 * (right - left)
        axis.set(xlim=(left - reach, right + reach), ylim=(rows, -0.9 - ruler))
        axis.plot([left, right], [0, 0], color=INK, linewidth=1)
        for tick in range(1, len(names) + 1):
            axis.plot([tick, tick], [0, -0.2], color=INK, linewidth=1)
            if len(names) <= 12 or tick in (1, len(names)) or tick % 5 == 0:
                axis.text(tick, -0.3, str(tick), ha="center", va="bottom", fontsize=8.5)
        if ruler:
            axis.plot([left, left + critical], [-1.5, -1.5], color=MUTED, linewidth=1.5, marker="|", markersize=6)
            told = f"Nemenyi's critical difference {critical:.2f}"
            axis.text(left + critical + 0.04 * reach, -1.5, told, va="center", color=INK, fontsize=8.5)
        for level, group in enumerate(groups):
            ends = ranks[list(group)]
            height = 0.5 + 0.35 * level
            bar = axis.plot([ends.min() - 0.04, ends.max() + 0.04], [height] * 2, color=INK, linewidth=3.2, alpha=0.75)
            mark(bar, "", f"Not told apart: {', '.join(group)}")
        for place, (name, rank) in enumerate(zip(names, ranks, strict=True)):
            best = place < half
            height = first + 0.62 * (place if best else len(names) - 1 - place) + 0.3
            edge = left - 0.03 * reach if best else right + 0.03 * reach
            look = looks[name]
            marks = axis.plot([rank, rank, edge], [0, height, height], color=look.color, linewidth=1)
            marks += axis.plot([rank], [0], **look.dots, markersize=6)
            text = axis.text(
                edge + (-0.03 if best else 0.03) * reach,
                height,
                f"{label(name)}   {rank:.2f}" if best else f"{rank:.2f}   {label(name)}",
                ha="right" if best else "left",
                va="center",
                fontsize=9,
            )
            mark([*marks, text], look.key, f"{name}: average rank {rank:.2f}")
        return made


def improvement_forest(
    table: pd.DataFrame, baseline: str, styles: Styles | None = None, order: Sequence[str] | None = None
) -> Figure:
    """The chance that a run of each candidate beats one of the baseline, with its 95 % interval; 0.5 is no difference.

    table   columns candidate, probability, low, high (see `optbench.statistics.improvements`)
    """
    if not len(table):
        return nothing("There is nobody to compare the baseline with.")
    shown, looks = taking_part(table, styles, order)
    numbers = dict(zip(table["candidate"], table[["probability", "low", "high"]].to_numpy(dtype=float), strict=True))
    with drawing():
        made, (axis,) = facets(1, 0.75 + 0.25 * len(shown))
        panel(axis)
        axis.axvline(0.5, **RULE)
        for place, name in enumerate(shown):
            value, low, high = numbers[name]
            look = looks[name]
            marks = interval(axis, place, low, high, look.color)
            marks += axis.plot([value], [place], **look.dots, markersize=7)
            mark(marks, look.key, f"{name}: {number(value)} [{number(low)}, {number(high)}]")
        rows_of(axis, shown, looks)
        axis.set_xlim(-0.03, 1.03)
        axis.set_xlabel(f"probability that a run beats one of {label(baseline)}")
        return made
