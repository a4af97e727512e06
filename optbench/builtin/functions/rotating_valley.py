"""A valley that turns as one walks along it."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class RotatingValley(Function):
    """A stretched bowl whose axes turn with the distance r from its bottom.

        f(x, y) = 1/2 (u^2 / condition + v^2),   (u, v) = (x, y) turned back by the angle twist r,   r^2 = x^2 + y^2

    The floor of the valley, v = 0, is a spiral that winds inwards to the minimum 0 at the origin; with twist = 0 it is
    straight, along the first coordinate. The start is on the floor.

    A rate for each coordinate makes the straight valley round, and that of another place does not fit here:
    AdaGrad, which remembers all of them, takes a fortieth of descent's steps to 1e-6 along the straight one, and
    four fifths along this.
    """

    name = "rotating-valley"
    reference = "Wright and Nocedal 2006, section 3.3 (valleys); Duchi, Hazan and Singer 2011 (diagonal scaling)"
    minima = ((0.0, 0.0),)
    window = ((-5.0, 5.0), (-5.0, 5.0))
    condition: float = hyper(100.0, valid="[1, inf)", help="curvature across the valley over that along it")
    twist: float = hyper(1.0, valid="[0, 10]", help="angle by which it turns over a unit of distance, radians")
    distance: float = hyper(4.0, valid="(0, 5]", help="of the start from the minimum")

    def __post_init__(self) -> None:
        super().__post_init__()
        angle = self.twist * self.distance
        start = self.distance * np.array([np.cos(angle), np.sin(angle)])
        object.__setattr__(self, "start", tuple(start.tolist()))

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        with np.errstate(all="ignore"):
            r = float(np.hypot(*w))
            cosine, sine = float(np.cos(self.twist * r)), float(np.sin(self.twist * r))
            x, y = w.tolist()
            u, v = x * cosine + y * sine, y * cosine - x * sine
            flat = 1 / self.condition
            # As r grows the axes turn: u changes by v times the angle, and v by -u times it.
            turn = self.twist * (flat - 1) * u * v / r if r > 0 else 0.0
            dx = flat * u * cosine - v * sine + turn * x
            dy = flat * u * sine + v * cosine + turn * y
            return 0.5 * (flat * u * u + v * v), np.array([dx, dy])
