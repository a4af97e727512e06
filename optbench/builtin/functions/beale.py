"""A flat valley with a sharp corner at its end."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function


@dataclass(frozen=True)
class Beale(Function):
    """Beale's function.

        f(x, y) = (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2

    Its minimum is 0 at (3, 1/2); away from it, plains whose gradients differ by orders of magnitude.
    """

    name = "beale"
    reference = "Beale 1958; start: More, Garbow and Hillstrom 1981"
    start = (1.0, 1.0)
    minima = ((3.0, 0.5),)
    window = ((-1.0, 4.5), (-2.0, 2.0))

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        # Products of Python floats, not powers: an overflow is infinity here, and an exception there.
        x, y = w.tolist()
        y2 = y * y
        y3 = y2 * y
        a, b, c = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y3
        dx = 2 * (a * (y - 1) + b * (y2 - 1) + c * (y3 - 1))
        dy = 2 * x * (a + 2 * b * y + 3 * c * y2)
        return a * a + b * b + c * c, np.array([dx, dy])
