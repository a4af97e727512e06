"""Random search: each setting drawn by itself, uniformly in its scale.

Reference: Bergstra and Bengio, Random Search for Hyper-Parameter Optimization, JMLR 2012.
"""

from collections.abc import Sequence

import numpy as np

from optbench.contract.hyperparameters import Hyper


def points(trials: int, hypers: Sequence[Hyper], rng: np.random.Generator) -> np.ndarray:
    """(trials, dimensions) in the unit cube."""
    return rng.random((trials, len(hypers)))
