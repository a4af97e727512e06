"""A saddle between two minima."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Saddle(Function):
    """A saddle that is bounded below.

        f(x, y) = x^2/2 - y^2/2 + y^4/4

    At the origin the gradient is 0 and y curves downwards. The start (1, offset) is near the ridge y = 0,
    from which descent is drawn to the saddle first and then has to leave it. The minimum is -1/4 at (0, 1)
    and (0, -1).
    """

    name = "saddle"
    reference = "Nesterov 2004, example 1.2.2; Dauphin et al. 2014"
    minima = ((0.0, 1.0), (0.0, -1.0))
    minimum = -0.25
    window = ((-1.5, 1.5), (-1.5, 1.5))
    offset: float = hyper(1e-3, valid="[-1, 1]", help="distance of the start from the ridge")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "start", (1.0, self.offset))

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        x, y = w.tolist()
        y2 = y * y
        return 0.5 * x * x - 0.5 * y2 + 0.25 * y2 * y2, np.array([x, y * (y2 - 1)])
