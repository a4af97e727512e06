"""Many tests at once: Holm's correction (1979, Scandinavian Journal of Statistics 6:65)."""

import numpy as np
from numpy.typing import ArrayLike

ALPHA = 0.05


def holm(p: ArrayLike) -> np.ndarray:
    """Holm's (1979) adjusted p-values: the i-th smallest of m times m - i + 1, made rising, at most 1.

    Rejecting where they are at most alpha makes any false rejection among the m at most alpha likely. NaN, a
    comparison that no test could be made of, counts as 1 and stays NaN.
    """
    p = np.asarray(p, dtype=float)
    counted = np.where(np.isnan(p), 1.0, p)
    order = np.argsort(counted, kind="stable")
    steps = np.maximum.accumulate(counted[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(steps, 1.0)
    return np.where(np.isnan(p), np.nan, adjusted)
