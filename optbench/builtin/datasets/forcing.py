"""The right side of a differential equation, for a network whose outputs are its left side."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.hyperparameters import ComponentError, hyper


@dataclass(frozen=True)
class Forcing(Drawn):
    """Values of the right side f of an equation on [-1, 1], at points that are drawn uniformly.

        f(x) = sum over the frequencies k of sin(pi k x)

    The network kind `physics-informed` gives the left side of Poisson's equation, -u''(x), or of Burgers', at each
    point, with u(-1) = u(1) = 0 built in: learning f by regression is solving the equation. Poisson's solution is
    u(x) = sum of sin(pi k x) / (pi k)^2: as many sizes as frequencies. The trainer subtracts the mean of f and divides
    by its standard deviation, so that u is in that unit, and has a parabola for what little the mean was.
    """

    name = "forcing"
    task = "regression"
    reference = "Raissi, Perdikaris and Karniadakis 2019, Physics-informed neural networks"
    samples: int = hyper(1000, valid="[2, inf)", help="points at which the equation is to hold")
    frequencies: tuple[int, ...] = hyper((1, 2, 4), help="half periods of the sines of f over [0, 1]")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.frequencies or not all(type(k) is int and k > 0 for k in self.frequencies):
            raise ComponentError(
                f"dataset forcing: frequencies must be a list of whole numbers above 0, got {list(self.frequencies)}"
            )

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        x = rng.uniform(-1, 1, (samples, 1))
        return x, np.sin(np.pi * x * np.array(self.frequencies)).sum(axis=1)
