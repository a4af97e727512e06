"""Lookahead."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.wrapper import Wrapper
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Lookahead(Wrapper):
    """k steps of the inner optimizer explore; then slow weights go part of the way, and it starts from there.

        w <- the inner optimizer's step
        s <- (1 - alpha) s + alpha w,  w <- s        after each k steps; s is w at the start

    The slow weights s are evaluated, as in the paper. The inner state goes on as it is.
    """

    name = "lookahead"
    reference = "Zhang et al. 2019, Lookahead Optimizer: k Steps Forward, 1 Step Back"
    special_cases = (("inner", {"alpha": 1.0, "k": 1}),)
    inner: Optimizer = Adam()  # noqa: RUF009 - a frozen component is a value
    alpha: float = hyper(0.5, low=0.2, high=0.9, valid="(0, 1]", help="share of the way")
    k: int = hyper(
        5, low=2, high=20, scale="integer", valid="[1, inf)", priority=3, help="steps of the inner"
    )

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"t": 0, **super().init(params, layout), "slow": params.copy()}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        super().step(params, grads, state, context)
        state["t"] += 1
        if state["t"] % self.k == 0:
            slow = state["slow"]
            slow *= 1 - self.alpha
            axpy(self.alpha, params, slow)
            params[...] = slow

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        return state["slow"]

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return [*super().iterates(params, state), state["slow"]]
