"""D-Adaptation of SGD."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import past, rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import dot, norm

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class DAdaptSGD(Optimizer):
    """SGD whose rate is a lower bound d of the distance from the start to the solution, which only grows.

        a  = lr d / |g0|                    g0: the first gradient that is not 0
        r <- r + a g's                      d = d0, s = r = 0, z = w at the start
        s <- s + a g,  z <- z - a g
        d <- max(d, 2 r / |s|)
        w <- beta w + (1 - beta) z

    lr is a factor on that estimate, to leave at 1, or for a schedule. As in version 3 of the authors' code; averaging z
    is momentum in another form (Defazio 2020).
    """

    name = "d-adapt-sgd"
    reference = "Defazio and Mishchenko 2023, Learning-Rate-Free Learning by D-Adaptation"
    lr: float = rate(1.0, 0.1, 10, "factor on the estimated rate")
    beta: float = past(0.9, 0.5, 0.999, "weight of the past in w")
    start: float = hyper(
        1e-6, low=1e-8, high=1e-2, scale="log", valid="(0, inf)", priority=3, help="d0, the first estimate"
    )

    def invariances(self) -> tuple[str, ...]:
        return ("scale", "rotation")

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"d": self.start, "r": 0.0, "first": 0.0, "s": np.zeros_like(params), "z": params.copy()}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["first"] = state["first"] or norm(grads)
        if state["first"] == 0:
            return
        s, z, rate = state["s"], state["z"], state["d"] * self.lr * context.factor / state["first"]
        state["r"] += rate * dot(grads, s)
        axpy(rate, grads, s)
        axpy(-rate, grads, z)
        length = norm(s)
        if rate > 0 and length > 0:
            state["d"] = max(state["d"], 2 * state["r"] / length)
        params *= self.beta
        axpy(1 - self.beta, z, params)

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return [params, state["z"]]
