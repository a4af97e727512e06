"""Quadrants: the smallest task without a linear solution."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Xor(Drawn):
    """Points of the square [-1, 1]^2; class 1 where exactly one coordinate is positive.

    Gaussian noise is added to the coordinates after a point has got its class.
    """

    name = "xor"
    task = "binary"
    reference = "Minsky and Papert 1969; Rumelhart, Hinton and Williams 1986"
    noise: float = hyper(0.1, valid="[0, inf)", help="standard deviation of the noise")

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        x = rng.uniform(-1, 1, (samples, 2))
        y = ((x[:, 0] > 0) != (x[:, 1] > 0)).astype(np.int64)
        x += self.noise * rng.standard_normal(x.shape)
        return x, y
