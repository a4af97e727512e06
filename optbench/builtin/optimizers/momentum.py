"""Momentum as an average of gradients."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import past, rate
from optbench.builtin.optimizers.sums import Sums
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Momentum(Sums):
    """Descent along an exponentially weighted average of gradients.

        v <- beta v + (1 - beta) g        v = 0 at the start
        w <- w - lr v

    A step is about as long as one of SGD at the same lr, whatever beta is; "heavy-ball" is the form without
    the factor 1 - beta. The first steps are short, since v starts at 0; with `bias_correction` a step is
    along v / (1 - beta^t), t = 1, 2, ... The state holds v / (1 - beta).
    """

    name = "momentum"
    reference = "Polyak 1964, Some Methods of Speeding Up the Convergence of Iteration Methods"
    special_cases = (("sgd", {"beta": 0.0}),)
    lr: float = rate(0.1, 1e-3, 10)
    beta: float = past(0.9, 0.5, 0.999, "weight of the past in the average")
    bias_correction: bool = hyper(False, priority=3, help="correct v for its start at 0")

    def invariances(self) -> tuple[str, ...]:
        return ("rotation",)

    def betas(self) -> dict[str, float]:
        return {"velocity": self.beta}

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"t": 0, **super().init(params, layout)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        rate = self.lr * context.factor * (1 - self.beta)
        if self.bias_correction:
            rate /= 1 - self.beta ** state["t"]
        axpy(-rate * self.add(state, "velocity", grads), state["velocity"], params)
