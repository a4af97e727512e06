"""Means of many normalized scores that a few outliers cannot move (rliable: Agarwal et al. 2021, arXiv:2108.13264)."""

import numpy as np

from optbench.statistics.bootstrap import CONFIDENCE, RESAMPLES, percentile_interval, resampled


def iqm(values: np.ndarray) -> np.ndarray:
    """Interquartile mean along the last axis: the mean after floor(n / 4) values are cut from either end.

    NaN is left out; NaN where nothing is left. The same as scipy.stats.trim_mean(values, 0.25).
    """
    ordered = np.sort(values, axis=-1)
    number = np.count_nonzero(~np.isnan(values), axis=-1)
    cut = number // 4
    position = np.arange(values.shape[-1])
    middle = (position >= cut[..., None]) & (position < (number - cut)[..., None])
    total = np.where(middle, ordered, 0.0).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / (number - 2 * cut)


def stratified_interval(
    scores: list[np.ndarray],
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    rng: np.random.Generator | None = None,
) -> tuple[float, float]:
    """Percentile interval of the IQM of all scores: seeds resampled within each workload by itself.

    `scores` has one array (seeds,) a workload.
    """
    rng = rng or np.random.default_rng(0)
    drawn = [values[resampled(resamples, len(values), rng)] for values in scores if len(values)]
    low, high = percentile_interval(iqm(np.concatenate(drawn, axis=1)), confidence)
    return float(low), float(high)


def probability_of_improvement(x: list[np.ndarray], y: list[np.ndarray]) -> float:
    """The chance that a run of x beats one of y, over workloads: 1/M sum of U / (n_x n_y), ties one half.

    One array of higher-is-better scores a workload; U is Mann and Whitney's (1947).
    """
    shares = []
    for a, b in zip(x, y, strict=True):
        a, b = np.asarray(a)[:, None], np.asarray(b)[None, :]
        shares.append(((a > b) + 0.5 * (a == b)).mean())  # not by a difference: two misses tie
    return float(np.mean(shares))


def optimality_gap(values: np.ndarray, gamma: float = 1.0) -> float:
    """How far the scores fall short of `gamma` on average: gamma - mean(min(x, gamma))."""
    return float(gamma - np.minimum(values, gamma).mean())
