"""All weights the same."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.initializers.variance import VarianceLaw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Constant(VarianceLaw):
    """w = value. Gradients flow, but all units of a hidden layer get the same ones and stay alike.

    The mean is `value`, the variance 0.
    """

    name = "constant"
    reference = "Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.4 (on breaking symmetry)"
    value: float = hyper(0.1, low=0.001, high=1, scale="log", valid="(-inf, inf)", help="of every weight")

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 0.0

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
        return np.full(shape, self.value)
