"""A valley that becomes narrower: a rate that was right at first fails late."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Sharpening(Function):
    """A valley whose walls become steeper on the way to its end.

        f(x, y) = 1/2 slow (x - distance)^2 + 1/2 exp(x) y^2   plus noise e y,  e ~ N(0, 1) at each step

    From the start (0, 1) on, the curvature across grows from 1 to exp(distance) at the minimum (distance, 0),
    while x creeps. Descent at a rate r below 2 first does well; where exp(x) has passed 2 / r, y swings farther
    with each step, and the loss explodes to a hundred times what it was, until the wall has thrown x back to where
    r is small enough. Then it begins anew, and never comes to the end. Clipped gradients keep the swings small.
    The noise only keeps y from being 0: the less there is, the larger the explosions. Evaluations are without it.
    """

    name = "sharpening"
    reference = "Cohen, Kaur, Li, Kolter and Talwalkar 2021, Gradient descent typically occurs at the edge of stability"
    start = (0.0, 1.0)
    slow: float = hyper(0.01, valid="(0, inf)", help="curvature along the valley")
    distance: float = hyper(4.0, valid="(0, 50]", help="of the start from the minimum, along the valley")
    noise: float = hyper(1e-8, valid="[0, inf)", help="standard deviation of the noise of the gradient across")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "minima", ((self.distance, 0.0),))
        object.__setattr__(self, "window", ((-2.0, self.distance + 1), (-2.0, 2.0)))

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        x, y = w.tolist()
        with np.errstate(all="ignore"):
            wall = float(np.exp(x))
        tilt = self.noise * float(rng.standard_normal())
        off = x - self.distance
        across = wall * y
        dx = self.slow * off + 0.5 * across * y
        return 0.5 * (self.slow * off * off + across * y) + tilt * y, np.array([dx, across + tilt])

    def value(self, w: np.ndarray) -> float:
        x, y = w.tolist()
        with np.errstate(all="ignore"):
            return 0.5 * (self.slow * (x - self.distance) * (x - self.distance) + float(np.exp(x)) * y * y)
