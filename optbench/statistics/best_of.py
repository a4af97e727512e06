"""What a user with a budget of k tuning trials can expect: the best of k."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.bootstrap import CONFIDENCE, RESAMPLES, expanded, expanded_interval, resampled

if TYPE_CHECKING:
    import pandas as pd


def expected_best(values: np.ndarray, k: Sequence[int] | None = None) -> np.ndarray:
    """E[best of k] for each k (default 1 ... n) from n trials, higher is better: (..., n) -> (..., len(k)).

    With sorted v(1) <= ... <= v(n), drawing k of them without replacement (Dodge et al. 2019, arXiv:1909.03004, in the
    unbiased form of Tang et al. 2020, arXiv:2004.14196):

        E[max of k] = sum over i >= k of v(i) C(i - 1, k - 1) / C(n, k)

    NaN (a run without a result) counts as the worst finite value; NaN where there is none.
    """
    values = np.asarray(values, dtype=float)
    worst = np.min(np.where(np.isfinite(values), values, np.inf), axis=-1, keepdims=True)
    worst = np.where(np.isfinite(worst), worst, np.nan)
    ordered = np.sort(np.where(np.isnan(values), worst, values), axis=-1)
    return ordered @ _weights(values.shape[-1], None if k is None else tuple(k)).T


def tuning_curve(
    values: np.ndarray,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    rng: np.random.Generator | None = None,
    k: Sequence[int] | None = None,
) -> "pd.DataFrame":
    """Columns k, value, low, high: the expected best of k with a bootstrap interval over trials.

    The hull of expanded percentiles and of `expanded` bootstrap standard errors on either side (`bootstrap`): samples
    drawn from the trials never hold a better one than the best of them, so that percentiles alone hold the truth in
    half of the cases at k = n, where they say 95 % (docs/statistics.md). Even so, near k = n read it as a least width.
    No interval for a single trial.

    k   which budgets; default 1 ... n, which takes n^2 numbers a resample
    """
    return pooled_tuning_curve([values], confidence, resamples, rng, k)


def pooled_tuning_curve(
    workloads: Sequence[np.ndarray],
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    rng: np.random.Generator | None = None,
    k: Sequence[int] | None = None,
) -> "pd.DataFrame":
    """`tuning_curve` over workloads: the mean of their expected best results, one array (trials,) a workload.

    Their results must have one scale (`normalized`), higher is better. Trials are resampled within each workload; k
    runs to the fewest trials of any. Columns as there.
    """
    import pandas as pd

    known = [_with_worst(np.asarray(values, dtype=float)) for values in workloads]
    sizes = np.array([len(values) for values in known])
    rng = rng or np.random.default_rng(0)
    k = range(1, int(sizes.min()) + 1) if k is None else k
    value = np.mean([expected_best(values, k) for values in known], axis=0)
    drawn = np.zeros((resamples, len(k)))
    for values in known:
        drawn += expected_best(values[resampled(resamples, len(values), rng)], k) / len(known)
    low, high = expanded_interval(drawn, sizes, confidence)
    reach = expanded(sizes, confidence) * drawn.std(axis=0)
    low, high = np.minimum(low, value - reach), np.maximum(high, value + reach)
    return pd.DataFrame({"k": np.asarray(k), "value": value, "low": low, "high": high})


def _with_worst(values: np.ndarray) -> np.ndarray:
    """NaN as the worst of all trials, in every resample."""
    finite = values[np.isfinite(values)]
    return np.where(np.isnan(values), finite.min(), values) if len(finite) else values


@lru_cache(maxsize=4)
def _weights(n: int, chosen: tuple[int, ...] | None = None) -> np.ndarray:
    """C(i - 1, k - 1) / C(n, k) at [k, i - 1], by logarithms: the coefficients overflow from n = 1030 on."""
    from scipy.special import gammaln

    i, k = np.arange(1, n + 1)[None, :], np.array(chosen or range(1, n + 1))[:, None]
    valid = i >= k
    some = np.where(valid, i, k)  # any value at which the logarithm exists
    log = (
        (gammaln(some) - gammaln(k) - gammaln(some - k + 1))
        - (gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
    )  # fmt: skip
    return np.where(valid, np.exp(log), 0.0)
