"""Effects of paired seeds: with the same seed, candidates start from the same weights and see the same batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from optbench.statistics.bootstrap import CONFIDENCE

#: up to so many pairs all 2^n signs are tried
EXACT = 13
DRAWS = 20_000


@dataclass(frozen=True)
class Effect:
    """A mean difference.

    mean, low, high   with its interval; low and high NaN where a workload has a single pair
    pairs             of the workload with the fewest
    p                 two-sided, of Student's test that it is 0
    """

    mean: float
    low: float
    high: float
    pairs: int
    p: float = float("nan")


def paired_effect(groups: Sequence[np.ndarray], confidence: float = CONFIDENCE) -> Effect:
    """The mean over workloads of their mean differences, with Student's interval. One array of differences a workload.

    One workload: mean +- t(n - 1) s / sqrt(n) (Student 1908). Several, m:

        SE^2 = 1/m^2 sum of s_w^2 / n_w,   degrees of freedom after Satterthwaite (1946)

    The workloads are taken as given: the interval speaks of these, not of others. Student's and not the percentile
    bootstrap's, which with 10 pairs is too narrow (Hesterberg 2015). Differences that are all equal give an
    interval without width: nothing is left to chance there.
    """
    from scipy.special import stdtr, stdtrit

    groups = [np.asarray(group, dtype=float) for group in groups]
    mean = float(np.mean([group.mean() for group in groups]))
    pairs = min(map(len, groups))
    if pairs < 2:
        return Effect(mean, float("nan"), float("nan"), pairs)
    error, freedom = standard_error(groups)
    if not freedom:
        return Effect(mean, mean, mean, pairs, 0.0 if mean else 1.0)
    half = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    p = float(2 * stdtr(freedom, -abs(mean) / error)) if error else 0.0
    return Effect(mean, mean - half, mean + half, pairs, p)


def standard_error(groups: Sequence[np.ndarray]) -> tuple[float, float]:
    """SE and degrees of freedom of `paired_effect`, of groups of at least two; (0, 0) where no group has any spread."""
    errors = np.array([group.var(ddof=1) / len(group) for group in groups])
    if not errors.any():
        return 0.0, 0.0
    # relative to the largest: squares of tiny variances would vanish
    relative = errors / errors.max()
    freedom = relative.sum() ** 2 / sum(e**2 / (len(g) - 1) for e, g in zip(relative, groups, strict=True))
    return float(np.sqrt(errors.sum()) / len(groups)), float(freedom)


def sign_flip(groups: Sequence[np.ndarray], rng: np.random.Generator | None = None) -> float:
    """Two-sided p of the mean over workloads of mean differences, under random signs (Fisher 1935, section 21).

    The share of sign patterns that give a mean at least as large. It asks no normal distribution, only that a
    difference and its negative are equally likely where there is no effect. Exact up to 13 pairs, of 20,000 drawn
    patterns beyond. Fewer than 6 pairs cannot give 0.05 or less.
    """
    weighted = np.concatenate([np.asarray(g, dtype=float) / (len(g) * len(groups)) for g in groups])
    n = len(weighted)
    if n <= EXACT:
        means = (1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)) @ weighted
        extra = 0
    else:
        means = _flipped(weighted, _patterns(n) if rng is None else _drawn(n, rng))
        extra = 1  # the pattern that was seen is one of them (Phipson and Smyth 2010)
    observed = abs(weighted.sum())
    tolerance = 1e-9 * np.abs(weighted).sum()
    hits = np.count_nonzero(np.abs(means) >= observed - tolerance)
    return float((hits + extra) / (len(means) + extra))


def _drawn(n: int, rng: np.random.Generator) -> np.ndarray:
    """Random patterns of n signs, eight to a byte: (bytes, DRAWS)."""
    return np.ascontiguousarray(np.packbits(rng.integers(2, size=(DRAWS, n)).astype(bool), axis=1).T)


@lru_cache(maxsize=64)
def _patterns(n: int) -> np.ndarray:
    """The same for every comparison of n pairs: drawing them takes a hundred times as long as using them."""
    return _drawn(n, np.random.default_rng(0))


def _flipped(weighted: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """The sum of `weighted` under each pattern: of every eight, all 256 sums are looked up."""
    padded = np.zeros(8 * len(patterns))
    padded[: len(weighted)] = weighted
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    sums = padded.reshape(-1, 8) @ (1.0 - 2.0 * bits).T
    total = np.zeros(patterns.shape[1])
    for table, signs in zip(sums, patterns, strict=True):
        total += table.take(signs)
    return total
