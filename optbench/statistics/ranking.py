"""Ranks with ties, and the studentized range: as in scipy.stats, which takes half a second to import."""

import math
from functools import cache

import numpy as np

from optbench.statistics.roots import root

#: steps of the integral over a normal variable; the integrand and all its derivatives vanish at both ends
STEP, REACH = 0.0625, 9.0


def midranks(values: np.ndarray) -> np.ndarray:
    """Ranks (n, …) along the first axis, 1 the least; equal values share the mean of their ranks."""
    if not values.size:
        return np.zeros(values.shape)
    flat = values.reshape(len(values), -1)
    ranks = np.empty(flat.shape)
    for column, row in zip(flat.T, ranks.T, strict=True):
        _, place, number = np.unique(column, return_inverse=True, return_counts=True)
        row[:] = (np.cumsum(number) - (number - 1) / 2)[place]
    return ranks.reshape(values.shape)


@cache
def studentized_range(chance: float, groups: int) -> float:
    """The value that the range of so many standard normal variables stays below with this chance.

    That is the studentized range with infinite degrees of freedom. With density f and distribution F of one variable,
    the chance of a range below q is groups times the integral of f(z) (F(z + q) - F(z))^(groups - 1), here by the
    trapezoidal rule, which for such functions is exact to all digits (Trefethen and Weideman 2014).
    """
    from scipy.special import ndtr

    z = np.arange(-REACH, REACH + STEP, STEP)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)

    def below(q: float) -> float:
        return float(groups * STEP * (density * (ndtr(z + q) - ndtr(z)) ** (groups - 1)).sum())

    return root(lambda q: below(q) - chance, 0.0, 60.0)
