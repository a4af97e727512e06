"""Stochastic weight averaging."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.momentum import Momentum
from optbench.builtin.optimizers.wrapper import Wrapper
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class SWA(Wrapper):
    """The inner optimizer, whose result is the plain mean of its weights at the ends of late epochs.

        w <- the inner optimizer's step
        a <- a + (w - a) / n        at each end of an epoch after the share `start` of the budget; n = 1, 2, ...

    a is evaluated; until there is one, w. The paper adds a large constant or cyclic rate in that phase, which is
    a schedule's task. "asgd" averages every step of SGD, "ema" forgets.
    """

    name = "swa"
    reference = "Izmailov et al. 2018, Averaging Weights Leads to Wider Optima and Better Generalization"
    special_cases = (("inner", {"start": 1.0}),)
    inner: Optimizer = Momentum()  # noqa: RUF009 - a frozen component is a value
    start: float = hyper(
        0.75, low=0.25, high=0.95, valid="[0, 1]", help="share of the budget before averaging"
    )

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"n": 0, **super().init(params, layout), "average": params.copy()}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        super().step(params, grads, state, context)
        progress, average = context.progress, state["average"]
        if progress.fraction < self.start or (progress.step + 1) % progress.steps_per_epoch:
            return
        state["n"] += 1
        np.subtract(params, average, out=grads)
        axpy(1 / state["n"], grads, average)

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        return state["average"] if state["n"] else super().evaluation_params(params, state)

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return [*super().iterates(params, state), state["average"]]
