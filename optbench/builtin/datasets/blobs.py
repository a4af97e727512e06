"""Gaussian classes about random centres."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.components import hyper
from optbench.contract.dataset import Data, Dataset


@dataclass(frozen=True)
class Blobs(Dataset):
    """One Gaussian cloud a class, of equal size.

        centre_c ~ N(0, separation^2 I)    x | c ~ N(centre_c, I)

    Two centres are about separation sqrt(2 features) apart.
    """

    name = "blobs"
    source = "drawn from its formula; no licence needed"
    reference = "scikit-learn, make_blobs (Pedregosa et al. 2011)"
    samples: int = hyper(1000, valid="[2, inf)", help="number of examples")
    classes: int = hyper(3, valid="[2, inf)", help="number of classes")
    features: int = hyper(2, valid="[1, inf)", help="number of features")
    separation: float = hyper(4.0, valid="[0, inf)", help="spread of the centres, in units of a cloud's")

    def load(self, rng: np.random.Generator) -> Data:
        y = np.arange(self.samples) % self.classes
        centres = self.separation * rng.standard_normal((self.classes, self.features))
        x = centres[y] + rng.standard_normal((self.samples, self.features))
        return Data(x, y, {"source": self.source})
