"""A hole in a plain: far from it the gradient is almost 0, as that of saturated units."""

import math
from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Plateau(Function):
    """A hole in a plain (Welsch's loss of the distance from the origin).

        f(w) = 1 - exp(-|w|^2 / 2),   gradient w exp(-|w|^2 / 2)

    The start is at the given distance from the minimum 0 at the origin, with `random_start` in a direction
    that each run draws. At distance 4 the gradient is 0.0013, and descent needs about 200 / rate steps to
    leave the plain; the hole itself allows no rate above 2. A method that divides by the size of its
    gradients walks as fast on the plain as anywhere.
    """

    name = "plateau"
    reference = "Dennis and Welsch 1978 (the function); Hochreiter 1991 (vanishing gradients)"
    minima = ((0.0, 0.0),)
    window = ((-5.0, 5.0), (-5.0, 5.0))
    distance: float = hyper(4.0, valid="(0, 8]", help="of the start from the minimum")
    random_start: bool = hyper(False, help="whether each run starts in a direction of its own")

    def __post_init__(self) -> None:
        super().__post_init__()
        # Off the diagonal: there a step of +-rate in each coordinate would go straight to the minimum.
        object.__setattr__(self, "start", (0.8 * self.distance, 0.6 * self.distance))

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        if not self.random_start:
            return super().initial(rng)
        angle = rng.uniform(0, 2 * math.pi)
        return self.distance * np.array([math.cos(angle), math.sin(angle)])

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        x, y = w.tolist()
        exponent = -0.5 * (x * x + y * y)
        height = math.exp(exponent)
        return -math.expm1(exponent), np.array([x * height, y * height])
