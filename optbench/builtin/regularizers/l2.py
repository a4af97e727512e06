"""The L2 penalty."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.components import Penalty
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import squares

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class L2(Penalty):
    """J + (strength / 2) sum of w^2, over weights, not biases, scales or shifts; gradient + strength w.

    Written as J + lambda / (2 m) sum of w^2 for m training examples, lambda = strength m. `strength` is what does
    not have to change with the size of a dataset. With plain descent it is weight decay; with an adaptive
    optimizer it is not (Loshchilov and Hutter 2019).
    """

    name = "l2"
    reference = "Krogh and Hertz 1991, A simple weight decay can improve generalization"

    strength: float = hyper(1e-4, low=1e-6, high=1e-1, scale="log", valid="[0, inf)", priority=3)

    def apply(self, params: np.ndarray, grads: np.ndarray, layout: "Layout") -> float:
        total = 0.0
        for part in layout.weights:
            w = params[part]
            grads[part] += self.strength * w
            total += squares(w)
        return 0.5 * self.strength * total
