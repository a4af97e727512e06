"""Means of many normalized scores that a few outliers cannot move (rliable: Agarwal et al. 2021, arXiv:2108.13264)."""

from collections.abc import Sequence

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

    `scores` has one array (seeds,) a workload. What rliable does; with 5 seeds it covers less than it says (see
    `iqm_interval`, which the leaderboard shows).
    """
    rng = rng or np.random.default_rng(0)
    drawn = [values[resampled(resamples, len(values), rng)] for values in scores if len(values)]
    low, high = percentile_interval(iqm(np.concatenate(drawn, axis=1)), confidence)
    return float(low), float(high)


def iqm_interval(scores: Sequence[np.ndarray], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Student's interval of the IQM of all scores, one array (seeds,) a workload, from Winsorized variances.

    Tukey and McLaughlin's (1963, Sankhya A 25:331) for trimmed means, here with one stratum a workload, since seeds are
    drawn within workloads and the workloads are given. With N scores in all, g = floor(N / 4) cut from either end,
    h = N - 2 g, and y the scores with the cut ones moved to the last that were kept:

        SE^2 = sum over w of (n_w / h)^2 s_w^2(y) / n_w * (N - 1) h / (N (h - 1))

    (the last factor is Yuen's 1974, Biometrika 61:165). Degrees of freedom after Satterthwaite; a workload brings as
    many as it has scores that were kept, less one. The percentile bootstrap of `stratified_interval` is narrower and
    covers less than it says: docs/statistics.md has the measurements. NaN where a workload has a single score.
    """
    from scipy.special import stdtrit

    scores = [np.asarray(values, dtype=float) for values in scores if len(values)]
    total = sum(map(len, scores))
    if not scores or min(map(len, scores)) < 2 or total < 3:
        return float("nan"), float("nan")
    ordered = np.sort(np.concatenate(scores))
    cut = total // 4
    kept = total - 2 * cut
    low, high = ordered[cut], ordered[total - cut - 1]
    errors = np.array([len(v) * np.clip(v, low, high).var(ddof=1) for v in scores]) / kept**2
    if not errors.any():
        middle = float(iqm(ordered))
        return middle, middle
    inner = [max(int(((v >= low) & (v <= high)).sum()) - 1, 1) for v in scores]
    relative = errors / errors.max()
    freedom = relative.sum() ** 2 / (relative**2 / inner).sum()
    error = np.sqrt(errors.sum() * (total - 1) * kept / (total * (kept - 1)))
    half = float(stdtrit(freedom, (1 + confidence) / 2) * error)
    middle = float(iqm(ordered))
    return middle - half, middle + half


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
