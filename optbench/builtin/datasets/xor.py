"""Quadrants: the smallest task without a linear solution."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.components import hyper
from optbench.contract.dataset import Data, Dataset


@dataclass(frozen=True)
class Xor(Dataset):
    """Points of the square [-1, 1]^2; class 1 where exactly one coordinate is positive.

    Gaussian noise is added to the coordinates after a point has got its class.
    """

    name = "xor"
    task = "binary"
    source = "drawn from its formula; no licence needed"
    reference = "Minsky and Papert 1969; Rumelhart, Hinton and Williams 1986"
    samples: int = hyper(1000, valid="[2, inf)", help="number of examples")
    noise: float = hyper(0.1, valid="[0, inf)", help="standard deviation of the noise")

    def load(self, rng: np.random.Generator) -> Data:
        x = rng.uniform(-1, 1, (self.samples, 2))
        y = ((x[:, 0] > 0) != (x[:, 1] > 0)).astype(np.int64)
        x += self.noise * rng.standard_normal(x.shape)
        return Data(x, y, {"source": self.source})
