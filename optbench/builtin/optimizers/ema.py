"""Exponential moving average of the weights."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import past
from optbench.builtin.optimizers.wrapper import Wrapper
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class EMA(Wrapper):
    """The inner optimizer, whose result is an exponentially weighted average of its iterates.

        w <- the inner optimizer's step
        a <- c a + (1 - c) w,  c = beta (1 - beta^(t-1)) / (1 - beta^t),  t = 1, 2, ...

    a is evaluated; training goes on from w. c is beta once t is large; before, it makes a the weighted mean of
    the iterates after each step alone, without the initial weights.
    """

    name = "ema"
    reference = (
        "Polyak and Juditsky 1992, Acceleration of Stochastic Approximation by Averaging; "
        "Tarvainen and Valpola 2017, Mean Teachers Are Better Role Models"
    )
    special_cases = (("inner", {"beta": 0.0}),)
    inner: Optimizer = Adam()  # noqa: RUF009 - a frozen component is a value
    beta: float = past(0.99, 0.9, 0.9999, "weight of the past in the average")

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"t": 0, **super().init(params, layout), "average": params.copy()}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        super().step(params, grads, state, context)
        state["t"] += 1
        t, average = state["t"], state["average"]
        keep = self.beta * (1 - self.beta ** (t - 1)) / (1 - self.beta**t)
        average *= keep
        axpy(1 - keep, params, average)

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        return state["average"]

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return [*super().iterates(params, state), state["average"]]
