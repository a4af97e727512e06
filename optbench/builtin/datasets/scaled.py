"""Features in very different units."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import Draw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class BadlyScaled(Drawn):
    """Two classes split by a plane, with features measured in units that differ by powers of ten.

        z ~ N(0, I)    y = [w . z + noise e > 0], |w| = 1    x_j = s_j (z_j + offset)

    The scales s fall in equal ratios from 10^(decades/2) to 10^(-decades/2), and |w_j| is the same for all
    features: every feature matters as much as another, but a step of descent hardly sees the small ones.
    """

    name = "badly-scaled"
    task = "binary"
    reference = "LeCun, Bottou, Orr and Mueller 1998, Efficient BackProp, section 4.3"
    features: int = hyper(10, valid="[1, inf)", help="number of features")
    decades: float = hyper(3.0, valid="[0, 12]", help="powers of ten from the least scale to the largest")
    offset: float = hyper(1.0, valid="(-inf, inf)", help="mean of each feature, in units of its spread")
    noise: float = hyper(0.1, valid="[0, inf)", help="standard deviation of the noise before the threshold")

    def law(self, rng: np.random.Generator) -> Draw:
        w = rng.choice([-1.0, 1.0], self.features) / np.sqrt(self.features)
        scales = np.logspace(self.decades / 2, -self.decades / 2, self.features)

        def draw(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
            z = rng.standard_normal((samples, self.features))
            y = (z @ w + self.noise * rng.standard_normal(samples) > 0).astype(np.int64)
            return (z + self.offset) * scales, y

        return draw
