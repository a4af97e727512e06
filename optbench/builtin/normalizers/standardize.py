"""Standardization of the inputs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optbench.builtin.normalizers.floats import floats
from optbench.contract.components import InputNormalizer
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Standardize(InputNormalizer):
    """x <- (x - mu) / sigma, with mean and standard deviation of each feature over the training split.

    `by = "channel"` takes one mu and sigma for each channel of images (or other last axis), over all pixels. A
    constant feature becomes 0 in training and stays finite elsewhere: its sigma counts as 1.
    """

    name = "standardize"
    reference = "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp"

    by: str = hyper("feature", scale="choice", choices=("feature", "channel"), help="what shares mu and sigma")

    def fit(self, x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        axes = tuple(range(x.ndim - 1)) if self.by == "channel" else (0,)
        mean = x.mean(axis=axes, dtype=np.float64)
        deviation = x.std(axis=axes, dtype=np.float64)
        # What rounding leaves of a constant is no spread.
        constant = deviation <= 1e-12 * np.maximum(np.abs(mean), 1)
        scale = 1 / np.where(constant, 1, deviation)
        return lambda x: ((x - mean) * scale).astype(floats(x), copy=False)
