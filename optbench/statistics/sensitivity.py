"""How carefully a rate must be chosen: the width of the range in which a candidate stays near its best."""

from dataclasses import dataclass

import numpy as np

MARGIN = 0.01


@dataclass(frozen=True)
class Sensitivity:
    """The rates within which the result stays near its best.

    best         the rate of the best result
    low, high    ends of the range around it; between two tried rates by interpolation in the rate's logarithm
    width        decades from low to high: large is forgiving
    open_low, open_high    whether the range ends only because no rate beyond was tried: the width is then a least one
    """

    best: float
    low: float
    high: float
    width: float
    open_low: bool
    open_high: bool


def sensitivity(
    rates: np.ndarray, results: np.ndarray, margin: float = MARGIN, bins: int | None = None
) -> Sensitivity:
    """From tuning trials: rates (n,) above 0, results (n,) higher is better, NaN for a run without a result.

    margin   the share of the best result's size that a result may fall short
    bins     so many rates, evenly spaced in their logarithm, of which each counts with its best result: stands for
             "all other hyperparameters at their best" where trials vary those too. None: every trial by itself
    ValueError where no result is finite. (After Sivaprasad et al. 2020, arXiv:1910.11758: show tunability, not peaks.)
    """
    x, y = np.log10(np.asarray(rates, dtype=float)), np.asarray(results, dtype=float)
    if not np.isfinite(y).any():
        raise ValueError("no trial has a finite result")
    y = np.where(np.isfinite(y), y, -np.inf)
    x, y = _envelope(x, y, bins)
    top = int(np.argmax(y))
    floor = y[top] - margin * abs(y[top])
    low, open_low = _edge(x[top::-1], y[top::-1], floor)
    high, open_high = _edge(x[top:], y[top:], floor)
    return Sensitivity(
        float(10 ** x[top]), float(10**low), float(10**high), float(high - low), open_low, open_high
    )


def _envelope(x: np.ndarray, y: np.ndarray, bins: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Sorted by x, one point an x or a bin: its best."""
    if bins is not None and x.max() > x.min():
        group = np.minimum((bins * (x - x.min()) / (x.max() - x.min())).astype(int), bins - 1)
    else:
        group = np.unique(x, return_inverse=True)[1]
    order = np.lexsort((-y, group))
    first = order[np.unique(group[order], return_index=True)[1]]
    return x[first], y[first]


def _edge(x: np.ndarray, y: np.ndarray, floor: float) -> tuple[float, bool]:
    """Where y, going outward from its best, first falls below the floor; and whether it never does."""
    below = np.flatnonzero(y < floor)
    if not len(below):
        return float(x[-1]), True
    i = int(below[0])
    if not np.isfinite(y[i]):
        return float(x[i - 1]), False  # a run without a result: the last rate known to be good
    share = (y[i - 1] - floor) / (y[i - 1] - y[i])
    return float(x[i - 1] + share * (x[i] - x[i - 1])), False
