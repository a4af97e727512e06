"""Label smoothing."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.components import BatchTransform
from optbench.contract.hyperparameters import ComponentError, hyper


@dataclass(frozen=True)
class LabelSmoothing(BatchTransform):
    """y <- (1 - amount) y + amount / K, for K classes (K = 2 for a single output); in training only.

    Targets that are no classes (outside of [0, 1]) are an error.
    """

    name = "label-smoothing"
    reference = "Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2016, Rethinking the Inception architecture"
    inputs = False

    amount: float = hyper(0.1, low=0.0, high=0.5, valid="[0, 1)", priority=3)

    def transform(
        self, x: np.ndarray, y: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        if y.size and (y.min() < 0 or y.max() > 1):
            raise ComponentError(
                "regularizer label-smoothing needs classes: targets in [0, 1], "
                f"got values from {float(y.min()):g} to {float(y.max()):g} (a regression?)"
            )
        classes = max(y.shape[1], 2)
        y *= 1 - self.amount
        y += self.amount / classes
        return x, y
