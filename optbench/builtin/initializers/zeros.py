"""All weights 0."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.initializers.variance import VarianceLaw


@dataclass(frozen=True)
class Zeros(VarianceLaw):
    """w = 0. All units of a hidden layer stay alike, and no gradient passes: here to be seen failing."""

    name = "zeros"
    reference = "Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.4 (on breaking symmetry)"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 0.0

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
        return np.zeros(shape)
