"""Averaged stochastic gradient descent."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class ASGD(Optimizer):
    """SGD whose result is the mean of its iterates, which has less of the gradient's noise.

        w <- w - lr g
        a <- a + (w - a) / n        n = 1, 2, ... counts the steps made after the share `start` of the budget

    The parameters to evaluate are a; until averaging starts, w. start = 0 averages from the first step
    (Polyak and Juditsky); 0.5 the second half, which forgets the start (Rakhlin et al.); 1 never.
    """

    name = "asgd"
    reference = (
        "Polyak and Juditsky 1992, Acceleration of Stochastic Approximation by Averaging; "
        "Rakhlin et al. 2012, Making Gradient Descent Optimal for Strongly Convex Stochastic Optimization"
    )
    special_cases = (("sgd", {"start": 1.0}),)
    lr: float = rate(0.1, 1e-3, 10)
    start: float = hyper(
        0.5, low=0, high=0.9, valid="[0, 1]", priority=3, help="share of the budget before averaging"
    )

    def invariances(self) -> tuple[str, ...]:
        return ("rotation",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"n": 0, "average": params.copy()}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        axpy(-self.lr * context.factor, grads, params)
        if context.progress.fraction < self.start:
            return
        state["n"] += 1
        average = state["average"]
        if state["n"] == 1:
            average[...] = params
        else:
            np.subtract(params, average, out=grads)
            axpy(1 / state["n"], grads, average)

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        return state["average"] if state["n"] else params

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return [params, state["average"]]
