"""Resampling, and summaries that infinite times and missing runs cannot break.

Throughout the package NaN means "no such run" and is left out; infinity means "missed the target" and takes part.
"""

import numpy as np

RESAMPLES = 2000
CONFIDENCE = 0.95


def resampled(count: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Indices (count, size) of bootstrap samples, drawn with replacement from `size` items (Efron 1979)."""
    return rng.integers(size, size=(count, size))


def medians(values: np.ndarray) -> np.ndarray:
    """Medians along the last axis: the mean of the two middle values. NaN where there is none.

    Infinite values keep their place in the order, so the median is infinite where half of them are.
    """
    ordered = np.sort(values, axis=-1)  # NaN last
    number = np.count_nonzero(~np.isnan(values), axis=-1)
    low = _take(ordered, (number - 1) // 2)
    high = _take(ordered, number // 2)
    return np.where(number > 0, 0.5 * low + 0.5 * high, np.nan)


def quantile(values: np.ndarray, q: float) -> np.ndarray:
    """The q-quantile along the first axis as an order statistic (inverse of the empirical distribution).

    No interpolation, which would turn two infinite neighbours into NaN. NaN is left out.
    """
    ordered = np.sort(values, axis=0)
    number = np.count_nonzero(~np.isnan(values), axis=0)
    index = np.clip(np.ceil(q * number - 1e-9).astype(int) - 1, 0, np.maximum(number - 1, 0))
    found = np.take_along_axis(ordered, index[None], axis=0)[0]
    return np.where(number > 0, found, np.nan)


def percentile_interval(
    replicates: np.ndarray, confidence: float = CONFIDENCE
) -> tuple[np.ndarray, np.ndarray]:
    """(low, high): the percentile interval from bootstrap replicates along the first axis (Efron 1981)."""
    tail = (1 - confidence) / 2
    return quantile(replicates, tail), quantile(replicates, 1 - tail)


def expanded(sizes: np.ndarray, confidence: float = CONFIDENCE) -> float:
    """How many normal standard deviations an interval must reach for these sizes of samples to have its confidence.

        sqrt(n / (n - 1)) t(sum of (n - 1)),   n the mean size of a sample

    The variance of a bootstrap sample is too small by (n - 1) / n, and the normal quantile ignores that it is
    estimated: with 5 values both together turn 95 % into 85 % (Hesterberg 2015, The American Statistician 69:371).
    NaN where no sample has two values: there is no interval then.
    """
    from scipy.special import stdtrit

    sizes = np.asarray(sizes, dtype=float)
    sizes = sizes[sizes > 1]
    if not len(sizes):
        return float("nan")
    n = sizes.mean()
    return float(np.sqrt(n / (n - 1)) * stdtrit((sizes - 1).sum(), (1 + confidence) / 2))


def expanded_interval(
    replicates: np.ndarray, sizes: np.ndarray, confidence: float = CONFIDENCE
) -> tuple[np.ndarray, np.ndarray]:
    """The percentile interval, expanded for small samples: the percentiles Phi(-e) and Phi(e) with e of `expanded`.

    sizes   values in each of the samples that were resampled. NaN where none has two.
    """
    from scipy.special import ndtr

    reach = expanded(sizes, confidence)
    if np.isnan(reach):
        nothing = np.full(replicates.shape[1:], np.nan)
        return nothing, nothing
    tail = float(ndtr(-reach))
    return quantile(replicates, tail), quantile(replicates, 1 - tail)


def mean_interval(
    values: np.ndarray,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    rng: np.random.Generator | None = None,
) -> tuple[float, float]:
    """Percentile bootstrap interval of a mean of values (n,), finite.

    Below about 15 values it is too narrow (Hesterberg 2015, The American Statistician 69:371): see `t_interval`.
    """
    values = np.asarray(values, dtype=float)
    rng = rng or np.random.default_rng(0)
    low, high = percentile_interval(values[resampled(resamples, len(values), rng)].mean(axis=1), confidence)
    return float(low), float(high)


def median_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Interval of a median of values (n,), of which some may be infinite, from order statistics.

    From the d-th smallest to the d-th largest of n values covers with 1 - 2 P(B < d), B binomial (n, 1/2), whatever the
    distribution; between the two d around `confidence`, Hettmansperger and Sheather (1986, Statistics and Probability
    Letters 4:75) interpolate. Five values or fewer cannot give 95 %: their whole range covers 1 - 2^(1 - n), 93.75 %
    for five. (Bootstrap percentiles of a median jump between these order statistics.) NaN without values.
    """
    from scipy.special import bdtr

    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    if n < 2:
        return float("nan"), float("nan")

    def covered(d: int) -> float:
        return 1 - 2 * float(bdtr(d - 1, n, 0.5))

    d = 1
    while d + 1 <= (n + 1) // 2 and covered(d + 1) >= confidence:
        d += 1
    low, high = ordered[d - 1], ordered[n - d]
    if covered(d) <= confidence or d + 1 > (n + 1) // 2:
        return float(low), float(high)
    share = (covered(d) - confidence) / (covered(d) - covered(d + 1))
    weight = (n - d) * share / (d + (n - 2 * d) * share)
    inner = ordered[d], ordered[n - d - 1]
    if np.isfinite(inner[0]) and np.isfinite(low):
        low += weight * (inner[0] - low)
    if np.isfinite(high):
        high += weight * (inner[1] - high)
    return float(low), float(high)


def t_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Student's interval of a mean: mean +- t(n - 1) s / sqrt(n) (Student 1908). NaN for a single value."""
    from scipy.special import stdtrit

    values = np.asarray(values, dtype=float)
    if len(values) < 2:
        return float("nan"), float("nan")
    half = float(stdtrit(len(values) - 1, (1 + confidence) / 2) * values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()) - half, float(values.mean()) + half


def _take(ordered: np.ndarray, index: np.ndarray) -> np.ndarray:
    index = np.clip(index, 0, ordered.shape[-1] - 1)
    return np.take_along_axis(ordered, index[..., None], axis=-1)[..., 0]
