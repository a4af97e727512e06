"""Momentum as a sum of gradients."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import past, rate
from optbench.builtin.optimizers.sums import shrink
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class HeavyBall(Optimizer):
    """Polyak's heavy ball: descent along a decaying sum of gradients. torch calls it momentum.

        v <- beta v + g        v = 0 at the start
        w <- w - lr v

    Under a steady gradient a step grows to lr / (1 - beta) times the gradient: the same method as "momentum"
    with lr / (1 - beta) for its rate.
    """

    name = "heavy-ball"
    reference = "Polyak 1964, Some Methods of Speeding Up the Convergence of Iteration Methods"
    special_cases = (("sgd", {"beta": 0.0}),)
    lr: float = rate(0.01, 1e-4, 1)
    beta: float = past(0.9, 0.5, 0.999, "share of the velocity that is kept")

    def invariances(self) -> tuple[str, ...]:
        return ("rotation",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"scales": {"velocity": 1.0}, "velocity": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        v = state["velocity"]
        scale = shrink(state, "velocity", self.beta)
        axpy(1 / scale, grads, v)
        axpy(-self.lr * context.factor * scale, v, params)

    def load(self, saved: State, params: np.ndarray, layout: "Layout") -> State:
        return {"scales": {"velocity": 1.0}, **saved}
