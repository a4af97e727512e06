"""Four equal minima."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function


@dataclass(frozen=True)
class Himmelblau(Function):
    """Himmelblau's function.

        f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2

    It is 0 at four points. The start lies near the top between them: which one a method comes to, and how,
    differs.
    """

    name = "himmelblau"
    reference = "Himmelblau 1972"
    start = (0.0, 0.0)
    minima = (
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.7793102533777469, -3.2831859912861694),
        (3.5844283403304918, -1.8481265269644034),
    )
    window = ((-6.0, 6.0), (-6.0, 6.0))

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        x, y = w.tolist()
        a, b = x * x + y - 11, x + y * y - 7
        return a * a + b * b, np.array([4 * x * a + 2 * b, 2 * a + 4 * y * b])
