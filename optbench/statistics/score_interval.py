"""An interval for the profile's score, which ties make difficult.

A score compares each median time with the best of all. Where several candidates are equally good, the best of them
is the one that luck favoured: every score comes out too low, and bootstrap samples, which choose anew, come out lower
still. A percentile interval then hardly ever covers the true scores (measured: docs/statistics.md). So:

1. Expanded percentiles (`bootstrap.expanded`), good where candidates differ.
2. A pivot from a world with ties: medians within two standard errors of a workload's best are set equal to it, as they
   may well be, and so are those that are infinite because hardly more than half of the runs missed; the resampled
   deviations are added, widened as in 1; how far scores stray there from those of that world is taken off the score
   (moment selection: Andrews and Soares 2010, Econometrica 78:119).

The interval is the hull of both: it errs on the side of caution.
"""

import numpy as np

from optbench.statistics.bootstrap import CONFIDENCE, expanded, expanded_interval, quantile
from optbench.statistics.profiles import score

#: medians this many standard errors from the best may be tied with it
NEAR = 2.0


def score_interval(
    middle: np.ndarray, drawn: np.ndarray, sizes: np.ndarray, confidence: float = CONFIDENCE
) -> tuple[np.ndarray, np.ndarray]:
    """(low, high), each (candidates,).

    middle   median times (candidates, workloads), infinite for a miss
    drawn    the same of bootstrap samples (resamples, candidates, workloads)
    sizes    seeds of each workload. NaN where none has two.
    """
    from scipy.special import ndtri

    low, high = expanded_interval(score(drawn), sizes, confidence)
    reach = expanded(sizes, confidence)
    if np.isnan(reach) or not middle.shape[-1]:
        return low, high
    widening = reach / float(ndtri((1 + confidence) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(np.isnan(middle), np.inf, middle))
        samples = np.log(np.where(np.isnan(drawn), np.inf, drawn))
        best = logs.argmin(axis=0)
        ahead = np.take_along_axis(samples, best[None, None], axis=1)
        gaps = np.where(np.isfinite(samples) & np.isfinite(ahead), samples - ahead, np.nan)
        number = np.isfinite(gaps).sum(axis=0)
        mean = np.nansum(gaps, axis=0) / number
        spread = np.sqrt(np.nansum((gaps - mean) ** 2, axis=0) / number) * widening
        tied = logs - logs.min(axis=0) <= NEAR * spread
        solved = np.isfinite(logs)
        doubtful = ~solved & (np.isfinite(samples).mean(axis=0) > (1 - confidence) / 2)
        world = np.where((tied & solved) | doubtful, logs.min(axis=0), logs)
        moved = np.where(solved, world + widening * (samples - logs), samples)
    strays = score(np.exp(moved)) - score(np.exp(world))
    tail = (1 - confidence) / 2
    value = score(middle)
    pivots = value - quantile(strays, 1 - tail), value - quantile(strays, tail)
    return np.clip(np.minimum(low, pivots[0]), 0, value), np.clip(np.maximum(high, pivots[1]), value, 1)
