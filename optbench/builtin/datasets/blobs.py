"""Gaussian classes about random centres."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import Draw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Blobs(Drawn):
    """One Gaussian cloud a class, of equal size.

        centre_c ~ N(0, separation^2 I)    x | c ~ N(centre_c, I)

    Two centres are about separation sqrt(2 features) apart.
    """

    name = "blobs"
    reference = "scikit-learn, make_blobs (Pedregosa et al. 2011)"
    classes: int = hyper(3, valid="[2, inf)", help="number of classes")
    features: int = hyper(2, valid="[1, inf)", help="number of features")
    separation: float = hyper(4.0, valid="[0, inf)", help="spread of the centres, in units of a cloud's")

    def law(self, rng: np.random.Generator) -> Draw:
        centres = self.separation * rng.standard_normal((self.classes, self.features))

        def draw(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
            y = np.arange(samples) % self.classes
            return centres[y] + rng.standard_normal((samples, self.features)), y

        return draw
