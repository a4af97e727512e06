"""A circle within a circle."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class TwoCircles(Drawn):
    """Two circles about the origin of the plane; one class each, of equal size.

        class 0: (cos t, sin t)    class 1: factor (cos t, sin t)    t uniform in [0, 2 pi]

    plus Gaussian noise on both coordinates. No straight line separates them.
    """

    name = "two-circles"
    task = "binary"
    reference = "scikit-learn, make_circles (Pedregosa et al. 2011)"
    noise: float = hyper(0.05, valid="[0, inf)", help="standard deviation of the noise")
    factor: float = hyper(0.8, valid="[0, 1)", help="radius of the inner circle; the outer one's is 1")

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        y = np.arange(samples) % 2
        t = rng.uniform(0, 2 * np.pi, samples)
        radius = np.where(y == 1, self.factor, 1.0)
        x = radius[:, None] * np.stack([np.cos(t), np.sin(t)], axis=1)
        x += self.noise * rng.standard_normal(x.shape)
        return x, y
