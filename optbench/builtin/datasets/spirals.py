"""Arms of a spiral."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Spirals(Drawn):
    """One arm of a spiral in the plane a class, of equal size.

        r uniform in [0, 1]    t = 2 pi (class / classes + turns r) + noise e, e ~ N(0, 1)
        x = r (sin t, cos t)

    The arms meet at the origin: no classifier is right everywhere.
    """

    name = "spirals"
    reference = "Lang and Witbrock 1988 (two spirals); Karpathy, CS231n notes 2015 (three arms)"
    classes: int = hyper(3, valid="[2, inf)", help="number of arms")
    turns: float = hyper(0.64, valid="[0, inf)", help="turns of an arm; the notes' 4 radians are 0.64")
    noise: float = hyper(0.2, valid="[0, inf)", help="standard deviation of the angle, in radians")

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        y = np.arange(samples) % self.classes
        r = rng.uniform(0, 1, samples)
        t = 2 * np.pi * (y / self.classes + self.turns * r) + self.noise * rng.standard_normal(samples)
        return r[:, None] * np.stack([np.sin(t), np.cos(t)], axis=1), y
