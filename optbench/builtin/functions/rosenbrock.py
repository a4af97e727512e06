"""A curved valley with steep walls and a nearly flat floor."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Rosenbrock(Function):
    """Rosenbrock's valley.

        f(w) = sum_{i<n} 100 (w_{i+1} - w_i^2)^2 + (1 - w_i)^2

    The valley is soon found; to follow it to the minimum 0 at (1, …, 1) is slow. With 4 variables or more
    there is another local minimum near (-1, 1, …, 1).
    """

    name = "rosenbrock"
    reference = "Rosenbrock 1960; start and many variables: More, Garbow and Hillstrom 1981"
    dimension: int = hyper(2, valid="[2, 10000]", help="number of variables")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "start", tuple((-1.2, 1.0)[i % 2] for i in range(self.dimension)))
        object.__setattr__(self, "minima", ((1.0,) * self.dimension,))
        object.__setattr__(self, "window", ((-2.0, 2.0), (-1.0, 3.0)) if self.dimension == 2 else ())

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        with np.errstate(all="ignore"):
            x = w[:-1]
            off = w[1:] - x * x
            rest = 1 - x
            gradient = np.zeros_like(w)
            gradient[:-1] = -400 * x * off - 2 * rest
            gradient[1:] += 200 * off
            return float(100 * (off @ off) + rest @ rest), gradient
