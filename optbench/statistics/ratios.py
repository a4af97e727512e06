"""How many times as long as one fixed baseline: unlike a score, it does not depend on who else takes part."""

import numpy as np


def ratio_to_baseline(times: np.ndarray, baseline: int) -> np.ndarray:
    """Geometric mean over workloads of t(s, w) / t(baseline, w): (..., candidates, workloads) -> (..., candidates).

    Below 1 is quicker. Geometric, as ratios multiply: A against B is then 1 / (B against A) (Fleming and Wallace 1986).
    Only workloads that both solved (finite and above 0) take part, since a miss has no finite ratio: read it beside the
    number of those (`compared`) and the score, which do count misses. NaN where there is none.
    """
    base = times[..., baseline : baseline + 1, :]
    both = comparable(times, baseline)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(both, np.log(times) - np.log(base), 0.0)
        return np.exp(logs.sum(axis=-1) / both.sum(axis=-1))


def comparable(times: np.ndarray, baseline: int) -> np.ndarray:
    """Where a candidate and the baseline both solved a workload: booleans of the shape of `times`."""
    solved = np.isfinite(times) & (times > 0)
    return solved & solved[..., baseline : baseline + 1, :]


def of_logs(logs: "np.ndarray | list[float] | float") -> np.ndarray:
    """Ratios again, of any shape; infinite beyond the largest number: the interval of two seeds may end there."""
    with np.errstate(over="ignore"):
        return np.exp(logs)
