"""A noisy quadratic whose curvatures are spread as those of deep networks are."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper

DIMENSION = 100


@dataclass(frozen=True)
class DeepQuadratic(Function):
    """The noisy quadratic of DeepOBS: 100 variables, a few steep directions and many flat ones.

        f(w) = mean over a mini-batch of 1/2 (w - x)' H (w - x),   x ~ N(0, noise^2 I)

    H has 90 eigenvalues in (0, 1) and 10 in (30, 60), drawn once for all, in a random rotation: DeepOBS's own numbers.
    A step sees a fresh mini-batch: only its mean matters to the gradient H (w - mean x), so that this alone is drawn,
    from N(0, noise^2 / batch I). Losses are those above what the noise costs at the minimum w = 0, and evaluations are
    without it. The start is (1, …, 1).

    Descent needs a rate below 0.033, by which the flattest directions have hardly moved when the steep ones are done.
    At a constant rate r it then stays at a floor: sum of noise^2 / (2 batch) r c^2 / (2 - r c) over the eigenvalues c,
    about in proportion to the rate. To fall below, a rate must fall, iterates be averaged, or batches be larger.
    """

    name = "deep-quadratic"
    reference = "Schneider, Balles and Hennig 2019, DeepOBS (quadratic_deep); Chaudhari et al. 2017 (the spectrum)"
    start = (1.0,) * DIMENSION
    minima = ((0.0,) * DIMENSION,)
    noise: float = hyper(0.6, valid="[0, inf)", help="standard deviation of each coordinate of an example")
    batch: int = hyper(128, valid="[1, inf)", help="examples a step")

    @property
    def hessian(self) -> np.ndarray:
        return spectrum_and_rotation()[2]

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        with np.errstate(all="ignore"):
            slope = self.hessian @ w
            value = 0.5 * float(w @ slope)
            if self.noise:
                tilt = self.hessian @ ((self.noise / self.batch**0.5) * rng.standard_normal(DIMENSION))
                value -= float(w @ tilt)
                slope -= tilt
        return value, slope

    def value(self, w: np.ndarray) -> float:
        with np.errstate(all="ignore"):
            return 0.5 * float(w @ (self.hessian @ w))


@cache
def spectrum_and_rotation() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues c (100,), rotation R (100, 100) and H = R' diag(c) R, once a process: do not write to them.

    R is drawn from all rotations alike by the subgroup algorithm (Diaconis and Shahshahani 1987): one of the
    plane, then for each further dimension a reflection that takes the first axis to a random direction.
    """
    # The old generator, with DeepOBS's seed and order of calls: these are its numbers.
    rng = np.random.RandomState(42)
    values = np.concatenate([rng.uniform(0, 1, 90), rng.uniform(30, 60, 10)])
    angle = 2 * np.pi * rng.uniform()
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    for n in range(3, DIMENSION + 1):
        mirror = -rng.normal(size=n)
        mirror /= np.linalg.norm(mirror)
        mirror[0] += 1
        mirror /= np.linalg.norm(mirror)
        larger = np.eye(n)
        larger[1:, 1:] = rotation
        rotation = larger - 2 * np.outer(mirror, mirror @ larger)
    rotation = -rotation
    fixed = values, rotation, (rotation.T * values) @ rotation
    for array in fixed:
        array.flags.writeable = False
    return fixed
