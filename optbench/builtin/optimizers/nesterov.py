"""Nesterov's accelerated gradient."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.heavy_ball import HeavyBall
from optbench.builtin.optimizers.sums import shrink
from optbench.contract.components import State
from optbench.contract.context import Context


@dataclass(frozen=True)
class Nesterov(HeavyBall):
    """Momentum that looks one step ahead, in the form of Sutskever et al. that needs no gradient elsewhere.

        v <- beta v + g        v = 0 at the start
        w <- w - lr (g + beta v)

    w is the look-ahead point at which the gradient is taken. The velocity is a sum, as in "heavy-ball" and
    torch.
    """

    name = "nesterov"
    reference = "Nesterov 1983; Sutskever et al. 2013, On the Importance of Initialization and Momentum"
    special_cases = (("sgd", {"beta": 0.0}),)

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        v = state["velocity"]
        rate = self.lr * context.factor
        scale = shrink(state, "velocity", self.beta)
        axpy(1 / scale, grads, v)
        axpy(-rate, grads, params)
        axpy(-rate * self.beta * scale, v, params)
