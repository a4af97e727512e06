"""Performance profiles of times to target, and their score.

For times t(s, w) of candidate s on workload w (Dolan and More 2002, Mathematical Programming 91:201; Dahl et al. 2023,
AlgoPerf, arXiv:2306.07179):

    r(s, w) = t(s, w) / min over s' of t(s', w)
    rho(s, tau) = share of workloads with r(s, w) <= tau
    score(s) = 1 / (r_max - 1) * integral of rho(s, tau) from 1 to r_max
             = mean over w of max(0, (r_max - r(s, w)) / (r_max - 1))

A workload that nobody solves counts 0 for all. Ratios, and so scores, depend on who takes part: a ratio to one fixed
baseline (`optbench.statistics.ratios`) does not.
"""

import numpy as np

R_MAX = 4.0


def ratios(times: np.ndarray) -> np.ndarray:
    """r(s, w) of times (..., candidates, workloads), 1 for the quickest; infinite where a candidate missed.

    NaN counts as a miss: a candidate that never ran on a workload did not solve it.
    """
    times = np.where(np.isnan(times), np.inf, times)
    best = times.min(axis=-2, keepdims=True)
    solved = np.isfinite(times)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.where(
            times == best, 1.0, times / best
        )  # 0 / 0: a target that is met before the first step
    return np.where(solved, quotient, np.inf)


def profile(times: np.ndarray, taus: np.ndarray) -> np.ndarray:
    """rho at each of `taus` (n,) of times (candidates, workloads): (candidates, n)."""
    return (ratios(times)[:, :, None] <= np.asarray(taus)).mean(axis=1)


def score(times: np.ndarray, r_max: float = R_MAX) -> np.ndarray:
    """The scores of times (..., candidates, workloads), between 0 and 1: (..., candidates). NaN without workloads."""
    if not times.shape[-1]:
        return np.full(times.shape[:-1], np.nan)
    return np.clip((r_max - ratios(times)) / (r_max - 1), 0, None).mean(axis=-1)
