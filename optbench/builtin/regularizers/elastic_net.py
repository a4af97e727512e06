"""The elastic net."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.regularizers.l1 import L1
from optbench.builtin.regularizers.l2 import L2
from optbench.contract.components import Penalty
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class ElasticNet(Penalty):
    """J + strength (ratio sum of |w| + (1 - ratio) / 2 sum of w^2), over weights only: L2 at ratio 0, L1 at 1."""

    name = "elastic-net"
    reference = "Zou and Hastie 2005, Regularization and variable selection via the elastic net"

    strength: float = hyper(1e-4, low=1e-6, high=1e-1, scale="log", valid="[0, inf)", priority=3)
    ratio: float = hyper(0.5, low=0.0, high=1.0, valid="[0, 1]", priority=3, help="the share of L1")

    def apply(self, params: np.ndarray, grads: np.ndarray, layout: "Layout") -> float:
        absolute = L1(self.strength * self.ratio).apply(params, grads, layout)
        return absolute + L2(self.strength * (1 - self.ratio)).apply(params, grads, layout)
