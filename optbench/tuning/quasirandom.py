"""Quasi-random search: a scrambled Halton sequence, which fills the cube more evenly than chance does.

Halton and not Sobol: any number of trials is as good as a power of two, and each coordinate by itself is
evenly spread, so that 8 trials of one rate fall into 8 different eighths of its range.

References: Halton 1960; Owen, A randomized Halton algorithm in R, 2017; for tuning: Bousquet et al., Critical
Hyper-Parameters: No Random, No Cry, 2017.
"""

from collections.abc import Sequence

import numpy as np

from optbench.contract.hyperparameters import Hyper


def points(trials: int, hypers: Sequence[Hyper], rng: np.random.Generator) -> np.ndarray:
    """(trials, dimensions) in the unit cube; another scrambling for each generator."""
    from scipy.stats import qmc

    return qmc.Halton(len(hypers), scramble=True, rng=rng).random(trials)
