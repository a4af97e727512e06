"""Real handwritten digits, small enough for a network that trains in seconds."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.tables import Labelled
from optbench.contract.dataset import Data


@dataclass(frozen=True)
class Digits(Labelled):
    """Handwritten digits: 1797 images of 8 x 8 grey levels, 10 classes of 174 to 183.

    Each pixel counts the dark points of a 4 x 4 block, 0 to 16; here it is in [0, 1]. Images are (8, 8, 1).
    """

    name = "digits"
    source = "Optical digits, 1797 x 8 x 8, 10 classes; from scikit-learn's wheel (BSD-3-Clause), UCI"
    reference = "Alpaydin and Kaynak 1998"
    csv = "digits.csv.gz"
    heading = 0

    def load(self, rng: np.random.Generator) -> Data:
        data = super().load(rng)
        return Data(data.x.reshape(-1, 8, 8, 1) / 16, data.y, data.provenance)
