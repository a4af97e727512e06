"""Coordinates that get a gradient now and then only, as the embeddings of rare words do."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class SparseGradients(Function):
    """A bowl of which each step shows some coordinates.

        f_t(w) = sum_i b_i (1/2 (w_i - 1)^2 + noise e_i (w_i - 1)),   b_i = 1 with probability p_i, else 0,
        p_i = i^-exponent,   e ~ N(0, I) at each step

    Evaluations give the expectation, F(w) = sum_i p_i/2 (w_i - 1)^2. Its minimum is 0 at (1, …, 1); the start is 0.

    A single rate is too high for the noise of the frequent coordinates, or so low that rare ones are hardly moved.
    Adam has larger steps for rare ones, and AdaGrad's fall with what each coordinate has seen: after 2000 steps, each
    at its best rate, Adam is at 0.65 of descent's loss, AdaGrad at half. With exponent 0 Adam's advantage is gone.
    """

    name = "sparse-gradients"
    reference = "Duchi, Hazan and Singer 2011, Adaptive subgradient methods, section 1.3"
    dimension: int = hyper(100, valid="[1, 10000]", help="number of variables")
    exponent: float = hyper(1.0, valid="[0, 3]", help="of the coordinates' frequencies; 0: all at every step")
    noise: float = hyper(1.0, valid="[0, inf)", help="standard deviation of the noise of a coordinate that is seen")

    def __post_init__(self) -> None:
        super().__post_init__()
        fixed = {
            "often": np.arange(1, self.dimension + 1, dtype=np.float64) ** -self.exponent,
            "start": (0.0,) * self.dimension,
            "minima": ((1.0,) * self.dimension,),
            "window": ((-0.5, 2.0), (-0.5, 2.0)) if self.dimension == 2 else (),
        }
        for name, value in fixed.items():
            object.__setattr__(self, name, value)

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        off = w - 1
        seen = rng.random(self.dimension) < self.often  # type: ignore[attr-defined]
        tilt = self.noise * rng.standard_normal(self.dimension)
        with np.errstate(all="ignore"):
            # Where a coordinate is not seen its gradient is 0, and not NaN where it is infinite.
            value = float(np.sum(np.where(seen, off * (0.5 * off + tilt), 0.0)))
            return value, np.where(seen, off + tilt, 0.0)

    def value(self, w: np.ndarray) -> float:
        with np.errstate(all="ignore"):
            return 0.5 * float(self.often @ np.square(w - 1))  # type: ignore[attr-defined]
