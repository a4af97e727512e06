"""Whitening of the inputs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optbench.builtin.normalizers.floats import floats
from optbench.contract.components import InputNormalizer
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Whiten(InputNormalizer):
    """ZCA whitening: x <- (x - mu) U (D + e)^(-1/2) U^T, with the training split's covariance U D U^T.

    Features come out uncorrelated with variance 1. Of all such maps this one changes the inputs least, so images
    still look like images. e is `epsilon` times the mean variance: it keeps directions without variance (constant
    features, more features than examples) from being blown up.
    """

    name = "whiten"
    reference = "Bell and Sejnowski 1997, The independent components of natural scenes are edge filters"

    epsilon: float = hyper(1e-5, low=1e-8, high=1e-1, scale="log", valid="(0, inf)", priority=3)

    def fit(self, x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        flat = x.reshape(len(x), -1).astype(np.float64)
        mean = flat.mean(axis=0)
        flat -= mean
        variances, directions = np.linalg.eigh(flat.T @ flat / len(flat))
        # Of constant inputs alone nothing is known: they keep their scale.
        floor = self.epsilon * float(variances.mean()) or 1.0
        matrix = directions / np.sqrt(np.maximum(variances, 0) + floor) @ directions.T

        def transform(x: np.ndarray) -> np.ndarray:
            white = (x.reshape(len(x), -1) - mean) @ matrix
            return white.reshape(x.shape).astype(floats(x), copy=False)

        return transform
