"""A bowl full of local minima."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Rastrigin(Function):
    """Rastrigin's function.

        f(w) = sum_i 10 + w_i^2 - 10 cos(2 pi w_i)

    Its minimum is 0 at the origin; near every other point of whole coordinates there is a local one. Each
    run starts at its own point, uniform in [-5.12, 5.12]^n.
    """

    name = "rastrigin"
    reference = "Rastrigin 1974; Muehlenbein, Schomisch and Born 1991 (many variables, domain)"
    start = (-3.7, 2.3)
    dimension: int = hyper(2, valid="[1, 10000]", help="number of variables")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "start", tuple((-3.7, 2.3)[i % 2] for i in range(self.dimension)))
        object.__setattr__(self, "minima", ((0.0,) * self.dimension,))
        object.__setattr__(self, "window", ((-5.12, 5.12), (-5.12, 5.12)) if self.dimension == 2 else ())

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        return rng.uniform(-5.12, 5.12, self.dimension)

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        with np.errstate(all="ignore"):
            angle = 2 * np.pi * w
            value = 10 * self.dimension + float(w @ w) - 10 * float(np.cos(angle).sum())
            return value, 2 * w + 20 * np.pi * np.sin(angle)
