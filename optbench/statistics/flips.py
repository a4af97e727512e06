"""Signs flipped at random: how far statistics of several comparisons go where nothing differs.

Where neither of two candidates is better, the difference of a pair of runs and its negative are equally likely, so that
every pattern of signs of the pairs could have been seen as well (Fisher 1935, section 21). One pattern is applied to
all comparisons and, of those with looks in between, to all looks at once: what they have in common stays.

The statistic is studentized, t = mean / SE as in `paired_effect`, with the standard error of the flipped pairs
themselves. With that the test is exact where pairs have no effect on any workload, and right for many pairs where
only the mean over workloads is 0, the effects on single ones being as they are (Janssen 1997, Statistics and
Probability Letters 36:9; without it, a speed-up on one workload would count as noise on all).

Patterns are drawn from a stream of their own for each workload, a row a pair in order: they stay the same as pairs
are added, and so do the decisions of looks that were taken before.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

#: up to so many pairs all patterns are tried
EXACT = 13
DRAWS = 10_000
#: t of differences that are all equal and not 0
WITHOUT_SPREAD = 1e9
#: values of t that differ by less, relatively, are the same number but for rounding
TIE = 1e-5


def statistics(groups: Sequence[np.ndarray], signs: Sequence[np.ndarray] | None = None) -> np.ndarray:
    """t of each comparison: (comparisons,), or (patterns, comparisons) under the patterns `signs`.

    groups   a workload each: differences (pairs, comparisons), NaN where one did not run
    signs    for each workload (patterns, pairs), +-1

        t = mean over workloads of mean / SE,   SE^2 = sum of s_w^2 / n_w / m^2

    over the m workloads on which the comparison has two pairs or more; 0 where it has none, or all differences are 0.
    """
    total = variance = workloads = np.zeros(1)
    for w, group in enumerate(groups):
        known = ~np.isnan(group)
        n = known.sum(axis=0)
        there = n >= 2
        d = np.where(known & there, group, 0.0)
        sums = d.sum(axis=0) if signs is None else np.asarray(signs[w][:, : len(d)], dtype=float) @ d
        size = np.maximum(n, 2)
        squares = (d**2).sum(axis=0)
        left = sums**2  # of thousands of patterns: in place from here on
        left /= size
        np.subtract(squares, left, out=left)
        np.copyto(left, 0.0, where=~(left > 1e-12 * squares))  # rounding of equal differences
        left /= size - 1
        left /= size
        total = total + sums / size
        variance = variance + left
        workloads = workloads + there
    error = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, total / error, np.sign(total) * WITHOUT_SPREAD)
    return np.where((workloads > 0) & (total != 0), t, 0.0)


def patterns(sizes: Sequence[int], draws: int = DRAWS, exact: int = EXACT) -> tuple[list[np.ndarray], bool]:
    """(signs (patterns, pairs) for each workload, whether they are all): all of up to `exact` pairs, else drawn ones.

    The first of the drawn ones is the pattern that was seen, which could have been drawn as well (Phipson and Smyth
    2010).
    """
    if sum(sizes) <= exact:
        whole = 1 - 2 * ((np.arange(2 ** sum(sizes))[:, None] >> np.arange(sum(sizes))) & 1)
        return list(np.split(whole.astype(np.int8), np.cumsum(sizes)[:-1], axis=1)), True
    return [_drawn(w, -(-n // 16) * 16, draws)[:, :n] for w, n in enumerate(sizes)], False


@lru_cache(maxsize=64)
def _drawn(workload: int, pairs: int, draws: int) -> np.ndarray:
    # bytes of a pair: whole words, so that a stream's first rows are the same in every length
    width = -(-draws // 32) * 4
    stream = np.random.default_rng([0x51675, workload]).bytes(pairs * width)
    bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8).reshape(pairs, width), axis=1)[:, :draws]
    bits[:, 0] = 0
    return np.ascontiguousarray((1 - 2 * bits.astype(np.int8)).T)
