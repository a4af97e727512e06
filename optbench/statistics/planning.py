"""What a run will be able to tell, before it is made; and what it was able to tell, after.

From the noise of paired differences on each workload (`noise`), the power of the two-sided test of their mean over
workloads, at alpha over the number of comparisons in the question (Bonferroni's, so that max-T does no worse):
Student's test with the degrees of freedom of Satterthwaite, whose statistic has a noncentral t distribution (Owen 1965,
Biometrika 52:437; exact for one workload or equal noises).
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from optbench.statistics.holm import ALPHA
from optbench.statistics.pairs import Paired

POWER = 0.8
#: standard errors beyond which no effect is looked for: the power is 1 there, but for very few degrees of freedom
LARGEST = 36.0
#: more seeds are never planned
MOST = 100_000


def noise(pairs: Paired) -> np.ndarray:
    """(workloads,) the standard deviation of paired differences: the root of their mean variance over pairs of
    candidates; NaN where no two candidates share two pairs."""
    variances = np.full((0, len(pairs.workloads)), np.nan)
    for a, b in combinations(range(len(pairs.candidates)), 2):
        rows = [row[~np.isnan(row)] for row in pairs.table(a, b)]
        found = [row.var(ddof=1) if len(row) >= 2 else math.nan for row in rows]
        variances = np.vstack([variances, found])
    known = ~np.isnan(variances)
    number = known.sum(axis=0)
    total = np.where(known, variances, 0.0).sum(axis=0)
    return np.sqrt(np.where(number > 0, total / np.maximum(number, 1), np.nan))


def power(effect: float, noise: Sequence[float], seeds: int, comparisons: int = 1, alpha: float = ALPHA) -> float:
    """The chance to find a mean effect (a logarithm of a ratio, or a difference) to differ from 0.

    noise        of paired differences, a workload each; `seeds` pairs on each of them
    comparisons  in the question

    Fewer pairs than a sign-flip test needs to find anything at alpha / comparisons: 0. ValueError below 2 seeds.
    """
    from scipy.special import nctdtr, stdtrit

    if seeds < 2:
        raise ValueError(f"seeds: {seeds}; expected 2 or more")
    level = alpha / comparisons
    if 2.0 ** (1 - seeds * len(noise)) > level:
        return 0.0
    error, freedom = _error(noise, seeds)
    if error == 0:
        return 1.0 if effect else 0.0
    critical = float(stdtrit(freedom, 1 - level / 2))
    shift = min(abs(effect) / error, LARGEST)
    below, beyond = (float(nctdtr(freedom, shift, at)) for at in (critical, -critical))
    # far from its mode the series has no digits left: the chance is 0 there
    return 1 - (0.0 if math.isnan(below) else below) + (0.0 if math.isnan(beyond) else beyond)


def least_difference(
    noise: Sequence[float], seeds: int, comparisons: int = 1, wanted: float = POWER, alpha: float = ALPHA
) -> float:
    """The least effect that is found with this power: of logarithms, exp(-it) is the ratio of times. Infinite where no
    effect is."""
    from scipy.optimize import brentq

    error, _ = _error(noise, seeds)
    if 2.0 ** (1 - seeds * len(noise)) > alpha / comparisons:
        return math.inf
    if error == 0:
        return 0.0
    if power(LARGEST * error, noise, seeds, comparisons, alpha) < wanted:
        return math.inf  # few degrees of freedom and many comparisons
    found = brentq(
        lambda size: power(size * error, noise, seeds, comparisons, alpha) - wanted, 0.0, LARGEST, xtol=1e-6
    )
    return float(found) * error if isinstance(found, float) else math.inf


def seeds_needed(
    effect: float, noise: Sequence[float], comparisons: int = 1, wanted: float = POWER, alpha: float = ALPHA
) -> int | None:
    """The least number of seeds with which an effect of this size is found with this power; None: no number is."""
    if not effect:
        return None
    low, high = 1, 2
    while power(effect, noise, high, comparisons, alpha) < wanted:
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if power(effect, noise, middle, comparisons, alpha) < wanted:
            low = middle
        else:
            high = middle
    return high


def equal_power(
    margin: float, noise: Sequence[float], seeds: int, comparisons: int = 1, effect: float = 0.0, alpha: float = ALPHA
) -> float:
    """The chance to find candidates that differ by `effect` equal within the margin, at alpha over `comparisons`.

    With Z normal and s^2 = chi^2 / freedom independent of it, both one-sided tests refute where

        -margin / SE + t s <= effect / SE + Z <= margin / SE - t s

    integrated over s (Phillips 1990, Journal of Pharmacokinetics and Biopharmaceutics 18:137).
    """
    from scipy.special import ndtr, stdtrit

    error, freedom = _error(noise, seeds)
    if 2.0 ** (-seeds * len(noise)) > alpha / comparisons:
        return 0.0
    if error == 0:
        return 1.0 if abs(effect) < margin else 0.0
    critical = float(stdtrit(freedom, 1 - alpha / comparisons))
    reach = critical * _spreads(freedom)
    upper, lower = (margin - effect) / error - reach, (-margin - effect) / error + reach
    return float(np.maximum(ndtr(upper) - ndtr(lower), 0.0).mean())


def equal_at_most(margin: float, noise: Sequence[float], seeds: int, effect: float = 0.0) -> float:
    """What `equal_power` cannot exceed, whatever alpha: the chance of its inequalities at s = 0."""
    from scipy.special import ndtr

    error, _ = _error(noise, seeds)
    if error == 0:
        return 1.0
    return max(float(ndtr((margin - effect) / error) - ndtr((-margin - effect) / error)), 0.0)


@lru_cache(64)
def _spreads(freedom: float) -> np.ndarray:
    """Values of s at evenly spaced chances."""
    from scipy.special import chdtri

    return np.sqrt(chdtri(freedom, (np.arange(2000) + 0.5) / 2000) / freedom)


def _error(noise: Sequence[float], seeds: int) -> tuple[float, float]:
    """(standard error of the mean over workloads, its degrees of freedom)."""
    variances = np.asarray(noise, dtype=float) ** 2
    total = float(variances.sum())
    if not total > 0:
        return 0.0, float(len(variances) * (seeds - 1))
    shares = variances / total  # squares of the smallest variances are 0 in float64
    freedom = (seeds - 1) / float((shares**2).sum())
    return math.sqrt(total / seeds) / len(variances), freedom
