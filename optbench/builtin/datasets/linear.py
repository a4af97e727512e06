"""A linear model with noise."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import Draw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class LinearRegression(Drawn):
    """A linear model seen through noise, with correlated features.

        x = Q diag(s) z, z ~ N(0, I)    y = w . x / |w . x|_rms + noise e, e ~ N(0, 1)

    Q is a random rotation, w is drawn from N(0, I), and the standard deviations s fall in equal ratios from
    1 to 1/sqrt(condition): `condition` is that of the features' covariance, which is the Hessian of the
    squared error. The part without noise has variance 1: the best R^2 is 1 / (1 + noise^2).
    """

    name = "linear-regression"
    task = "regression"
    reference = "Hastie, Tibshirani and Friedman 2009, section 3.2"
    samples: int = hyper(500, valid="[2, inf)", help="number of examples")
    features: int = hyper(20, valid="[1, inf)", help="number of features")
    condition: float = hyper(10.0, valid="[1, inf)", help="condition number of the features' covariance")
    noise: float = hyper(0.3, valid="[0, inf)", help="standard deviation of the noise; the signal's is 1")

    def law(self, rng: np.random.Generator) -> Draw:
        q, _ = np.linalg.qr(rng.standard_normal((self.features, self.features)))
        spread = np.geomspace(1, self.condition**-0.5, self.features)
        w = rng.standard_normal(self.features)
        # The signal's own variance, w' Q diag(s^2) Q' w, not the sample's.
        scale = np.sqrt((((q.T @ w) * spread) ** 2).sum())

        def draw(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
            x = (rng.standard_normal((samples, self.features)) * spread) @ q.T
            return x, x @ w / scale + self.noise * rng.standard_normal(samples)

        return draw
