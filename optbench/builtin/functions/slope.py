"""A straight slope: what an average of equal gradients should be is known."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Slope(Function):
    """A straight way down, seen through noise.

        f(w) = w for w >= 0,   gradient 1 + noise e,   e ~ N(0, 1) at each step

    Descent at rate lr comes lr nearer to the minimum 0 with each step, on average. So does descent along any
    average of gradients whose weights add up to 1; an exponentially weighted average that starts at 0 has
    weights that add up to 1 - beta^t only, and falls behind. Evaluations are without noise.
    """

    name = "slope"
    reference = "Kingma and Ba 2015, Adam, section 3 (the bias of an average that starts at 0)"
    minima = ((0.0,),)
    distance: float = hyper(20.0, valid="(0, inf)", help="of the start from the minimum")
    noise: float = hyper(0.0, valid="[0, inf)", help="standard deviation of the gradient's noise")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "start", (self.distance,))

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        slope = 1.0 + (self.noise * rng.standard_normal() if self.noise else 0.0)
        return slope * float(w[0]), np.array([slope])

    def value(self, w: np.ndarray) -> float:
        return float(w[0])

    def project(self, w: np.ndarray) -> None:
        np.maximum(w, 0.0, out=w)
