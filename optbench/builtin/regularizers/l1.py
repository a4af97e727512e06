"""The L1 penalty."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.components import Penalty
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class L1(Penalty):
    """J + strength sum of |w|, over weights only; gradient + strength sign(w), 0 at w = 0."""

    name = "l1"
    reference = "Tibshirani 1996, Regression shrinkage and selection via the lasso"

    strength: float = hyper(1e-5, low=1e-7, high=1e-2, scale="log", valid="[0, inf)", priority=3)

    def apply(self, params: np.ndarray, grads: np.ndarray, layout: "Layout") -> float:
        total = 0.0
        for part in layout.weights:
            w = params[part]
            grads[part] += self.strength * np.sign(w)
            total += float(np.add.reduce(np.abs(w)))
        return self.strength * total
