"""Ticks whose labels would meet are left out: how much room a label has is known once the panels have their places."""

import math
from collections.abc import Iterator
from typing import Any

from matplotlib.ticker import ScalarFormatter

from optbench.report.pictures.axes import Plain


def thin(axis: Plain, renderer: Any) -> None:
    """Keep as many ticks of an axis of numbers as have labels that stand apart; names of rows are left alone."""
    if not axis.plain or not axis.crowded(renderer):
        return
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    ticks = [float(t) for t in axis.get_majorticklocs() if low - slack <= t <= high + slack]
    if axis.get_scale() == "log":
        labels = dict(zip(ticks, axis.get_major_formatter().format_ticks(ticks), strict=True))
        for kept in sparser(ticks):
            axis.set_ticks(kept, [labels[t] for t in kept])
            if not axis.crowded(renderer):
                return
    elif isinstance(axis.get_major_formatter(), ScalarFormatter):
        for stride in range(2, len(ticks) + 1):
            first = next((k for k, t in enumerate(ticks) if abs(t) <= slack), 0) % stride  # 0 stays
            axis.set_ticks(ticks[first::stride])
            if not axis.crowded(renderer):
                return


def sparser(ticks: list[float]) -> Iterator[list[float]]:
    """Fewer and fewer ticks of a log axis: powers of ten with one between two of them, powers of ten, some of these."""

    def leading(tick: float) -> int:
        return round(tick / 10.0 ** math.floor(math.log10(tick) + 1e-9))

    powers = [t for t in ticks if math.isclose(t, 10.0 ** round(math.log10(t)), rel_tol=1e-9)]
    if len(powers) > 1:
        for digit in (3, 2, 5):
            if any(leading(t) == digit for t in ticks):
                yield [t for t in ticks if t in powers or leading(t) == digit]
        ticks = powers
        yield powers
    for stride in range(2, len(ticks) + 1):
        yield ticks[::stride]
