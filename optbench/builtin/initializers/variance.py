"""Initializers that declare the variance of what they draw: most are nothing but that."""

from math import sqrt

import numpy as np

from optbench.contract.components import Initializer


class VarianceLaw(Initializer):
    """An initializer whose draws have mean 0 and a variance that is known beforehand.

    The mean is 0 except where a class says otherwise ("constant").
    """

    def variance(self, fan_in: int, fan_out: int) -> float:
        """The variance of one weight of a layer with these fans, over draws."""
        raise NotImplementedError


class NormalLaw(VarianceLaw):
    """w ~ N(0, variance)."""

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
        return rng.normal(0.0, sqrt(self.variance(fan_in, fan_out)), shape)


class UniformLaw(VarianceLaw):
    """w ~ U(-a, a), where a = sqrt(3 variance)."""

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
        limit = sqrt(3 * self.variance(fan_in, fan_out))
        return rng.uniform(-limit, limit, shape)
