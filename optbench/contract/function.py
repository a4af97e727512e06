"""What an analytic function is: a component that gives its value and gradient at a point, and a start."""

from typing import ClassVar

import numpy as np

from optbench.contract.components import Component


class Function(Component):
    """A function of a few variables to minimize. A frozen dataclass, as every component."""

    kind = "function"
    #: where descent starts
    start: ClassVar[tuple[float, ...]] = ()
    #: the points where it is least
    minima: ClassVar[tuple[tuple[float, ...], ...]] = ()
    #: the least value, which a run's loss is measured above
    minimum: ClassVar[float] = 0.0
    #: (low, high) of each of the two axes of a contour figure; empty where it has no two variables
    window: ClassVar[tuple[tuple[float, float], ...]] = ()

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        """The point where a run starts, (variables,), float64; `start` unless the function draws it."""
        return np.array(self.start, dtype=np.float64)

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        """Value and gradient at w, (variables,), as a step of training sees them, with noise if any."""
        raise NotImplementedError

    def value(self, w: np.ndarray) -> float:
        """The value without noise, for evaluation."""
        return self.value_and_gradient(w, 0, np.random.default_rng(0))[0]

    def project(self, w: np.ndarray) -> None:
        """Move w into the function's domain, in place, after every step; by default all points are in it."""
