"""A quadratic bowl, round or stretched, with or without noise in its gradient."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Quadratic(Function):
    """A quadratic bowl with a given condition number.

        f(w) = 1/2 w' H w + noise e . w,   H = Q' diag(c) Q,   e ~ N(0, I) at each step

    The curvatures c fall in equal ratios from 1 to 1/condition, so that descent needs a rate below 2. With
    `rotated`, Q is the orthonormal cosine transform: every coordinate has a share in every curvature.
    Without, Q = I and the coordinates are badly scaled: a rate for each coordinate is all that is needed.
    Methods that do not know coordinates (descent, momentum) do the same on both. The start is at distance 1
    along each axis of the bowl, with `random_start` at one that each run draws from N(0, 1); the minimum is
    0 at the origin. Evaluations are without noise.
    """

    name = "quadratic"
    reference = "Nesterov 2004, section 2.1; Goh 2017, Why momentum really works"
    condition: float = hyper(100.0, valid="[1, inf)", help="largest curvature over least")
    dimension: int = hyper(2, valid="[1, 1000]", help="number of variables")
    rotated: bool = hyper(True, help="whether the axes of the bowl lie across the coordinates")
    noise: float = hyper(0.0, valid="[0, inf)", help="standard deviation of each coordinate of the noise")
    random_start: bool = hyper(False, help="whether each run starts at a point of its own")

    def __post_init__(self) -> None:
        super().__post_init__()
        q = cosine_transform(self.dimension) if self.rotated else np.eye(self.dimension)
        curvatures = np.geomspace(1, 1 / self.condition, self.dimension)
        fixed = {
            "axes": q,
            "hessian": (q.T * curvatures) @ q,
            "start": tuple(q.sum(axis=0).tolist()),
            "minima": ((0.0,) * self.dimension,),
            "window": ((-1.6, 1.6), (-1.6, 1.6)) if self.dimension == 2 else (),
        }
        for name, value in fixed.items():
            object.__setattr__(self, name, value)

    def initial(self, rng: np.random.Generator) -> np.ndarray:
        if not self.random_start:
            return super().initial(rng)
        return rng.standard_normal(self.dimension) @ self.axes  # type: ignore[attr-defined]

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        with np.errstate(all="ignore"):
            slope = self.hessian @ w  # type: ignore[attr-defined]
            value = 0.5 * float(w @ slope)
            if self.noise:
                tilt = self.noise * rng.standard_normal(self.dimension)
                value += float(tilt @ w)
                slope += tilt
        return value, slope

    def value(self, w: np.ndarray) -> float:
        with np.errstate(all="ignore"):
            return 0.5 * float(w @ (self.hessian @ w))  # type: ignore[attr-defined]


def cosine_transform(n: int) -> np.ndarray:
    """The orthonormal DCT-II (n, n): row k is cos(pi k (j + 1/2) / n), of length 1. For n = 2, 45 degrees."""
    j, k = np.arange(n), np.arange(n)[:, None]
    q = np.cos(np.pi * k * (j + 0.5) / n) * np.sqrt(2 / n)
    q[0] /= np.sqrt(2)
    return q
