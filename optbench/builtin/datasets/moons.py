"""Two interleaved half circles."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class TwoMoons(Drawn):
    """Two half circles that reach into each other, in the plane; one class each, of equal size.

        class 0: (cos t, sin t)    class 1: (1 - cos t, 1/2 - sin t)    t uniform in [0, pi]

    plus Gaussian noise on both coordinates.
    """

    name = "two-moons"
    task = "binary"
    reference = "scikit-learn, make_moons (Pedregosa et al. 2011)"
    noise: float = hyper(0.2, valid="[0, inf)", help="standard deviation of the noise")

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        y = np.arange(samples) % 2
        t = rng.uniform(0, np.pi, samples)
        x = np.stack([np.cos(t), np.sin(t)], axis=1)
        x[y == 1] = np.array([1.0, 0.5]) - x[y == 1]
        x += self.noise * rng.standard_normal(x.shape)
        return x, y
