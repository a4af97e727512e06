"""What an analytic function is: a problem that gives its value and gradient at a point, and a start."""

from typing import ClassVar

import numpy as np

from optbench.contract.components import State
from optbench.contract.problem import Problem


class Function(Problem):
    """A function of a few variables to minimize, always in float64. A frozen dataclass, as every component."""

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

    def loss_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator, state: State
    ) -> tuple[float, np.ndarray]:
        """As a problem: `value_and_gradient`. A function remembers nothing."""
        value, gradient = self.value_and_gradient(w.astype(np.float64), step, rng)
        return value, gradient.astype(w.dtype, copy=False)

    def evaluate(self, w: np.ndarray, state: State) -> tuple[float, float, float, float]:
        """As a problem: the value above the minimum, and nothing else."""
        nan = float("nan")
        return self.value(w.astype(np.float64)) - self.minimum, nan, nan, nan
