"""Three equal minima in a landscape of valleys and ridges."""

import math
from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper

#: of the formula
B, C, T = 5.1 / (4 * math.pi**2), 5 / math.pi, 1 / (8 * math.pi)


@dataclass(frozen=True)
class Branin(Function):
    """Branin's function.

        f(x, y) = (y - 5.1 x^2 / (4 pi^2) + 5 x / pi - 6)^2 + 10 (1 - 1 / (8 pi)) cos x + 10

    Its minimum is 10 / (8 pi) at three points of the customary domain x in [-5, 10], y in [0, 15]. The start is that of
    DeepOBS, from which a small rate comes to the nearest; with `random_start` each run starts at a point of its own,
    uniform in the domain, and the runs of any method share themselves out among the three.
    """

    name = "branin"
    reference = "Branin 1972; Dixon and Szegoe 1978 (constants, domain); start: Schneider et al. 2019, DeepOBS"
    start = (2.5, 12.5)
    minima = ((-math.pi, 12.275), (math.pi, 2.275), (3 * math.pi, 2.475))
    minimum = 10 * T
    window = ((-5.0, 10.0), (0.0, 15.0))
    random_start: bool = hyper(False, help="whether each run starts at a point of its own")

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        if not self.random_start:
            return super().initial(rng)
        return rng.uniform((-5.0, 0.0), (10.0, 15.0))

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        # NumPy's sine of infinity is NaN, math's an exception; products for the same reason, not powers.
        x, y = w.tolist()
        with np.errstate(all="ignore"):
            sine, cosine = float(np.sin(x)), float(np.cos(x))
        off = y - B * x * x + C * x - 6
        height = 10 * (1 - T)
        dx = 2 * off * (C - 2 * B * x) - height * sine
        return off * off + height * cosine + 10, np.array([dx, 2 * off])
