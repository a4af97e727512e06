"""Gaussian noise on the inputs."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.components import BatchTransform
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class GaussianNoise(BatchTransform):
    """x <- x + deviation n, with n drawn from N(0, 1) for each value of each mini-batch; in training only."""

    name = "gaussian-noise"
    reference = "Bishop 1995, Training with noise is equivalent to Tikhonov regularization"

    deviation: float = hyper(0.1, low=1e-3, high=1.0, scale="log", valid="[0, inf)", priority=3)

    def transform(
        self, x: np.ndarray, y: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        noise = rng.standard_normal(x.shape, dtype=x.dtype)
        noise *= self.deviation
        x += noise
        return x, y
