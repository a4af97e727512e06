"""Rescaling of the inputs to an interval."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optbench.builtin.normalizers.floats import floats
from optbench.contract.components import InputNormalizer
from optbench.contract.hyperparameters import ComponentError, hyper


@dataclass(frozen=True)
class MinMax(InputNormalizer):
    """x <- low + (high - low) (x - min) / (max - min), with each feature's extremes over the training split.

    Other examples may lie outside of [low, high]. A constant feature becomes low.
    """

    name = "min-max"
    reference = "Han, Kamber and Pei 2011, Data Mining, section 3.5.2"

    low: float = hyper(0.0, help="what the least training value becomes")
    high: float = hyper(1.0, help="what the greatest training value becomes")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low >= self.high:
            raise ComponentError(
                f"normalizer min-max: low must be below high, got low = {self.low:g}, high = {self.high:g}"
            )

    def fit(self, x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        least = x.min(axis=0).astype(np.float64)
        span = x.max(axis=0) - least
        span[span == 0] = 1
        # Divided first: a factor 1 / span would overflow where a feature varies by less than 1e-308.
        return lambda x: (self.low + (x - least) / span * (self.high - self.low)).astype(floats(x), copy=False)
