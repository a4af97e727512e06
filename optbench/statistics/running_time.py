"""Expected running time (COCO: Hansen et al. 2021, arXiv:1603.08785)."""

import numpy as np


def expected_running_time(times: np.ndarray, budget: float | np.ndarray) -> float:
    """All steps that all seeds spent, over the number that met the target: what a success costs with restarts.

    times    (seeds,) steps to target, infinite for a miss
    budget   steps that a miss has spent: one number, or one a seed
    Infinite where no seed met the target, NaN without seeds.
    """
    times = np.asarray(times, dtype=float)
    met = np.isfinite(times)
    if not len(times):
        return float("nan")
    if not met.any():
        return float("inf")
    return float(np.where(met, times, budget).sum() / met.sum())
