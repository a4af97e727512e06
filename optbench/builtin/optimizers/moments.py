"""What Adam and the methods made from it share: two averages, and the settings of both."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.settings import epsilon, past, rate
from optbench.builtin.optimizers.sums import Sums
from optbench.contract.components import State

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Moments(Sums):
    """A method with averages m of gradients and v of their squares, and a count of steps t."""

    lr: float = rate(0.001, 1e-5, 0.1)
    beta1: float = past(0.9, 0.5, 0.999, "weight of the past in m")
    beta2: float = past(0.999, 0.9, 0.9999, "weight of the past in v", priority=3)
    eps: float = epsilon(1e-8, 1e-10, 1e-3)

    def betas(self) -> dict[str, float]:
        return {"m": self.beta1, "v": self.beta2}

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"t": 0, **super().init(params, layout)}
