"""Sharpness-aware minimization."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.heavy_ball import HeavyBall
from optbench.builtin.optimizers.wrapper import Wrapper
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import norm

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class SAM(Wrapper):
    """The inner optimizer's step, with the gradient from uphill: from the worst point of a small ball, to first order.

        e  = rho g / (|g| + 1e-12)
        w <- the inner optimizer's step at w from the gradient of the same mini-batch at w + e

    One extra gradient a step, counted as such. |g| is the norm over all parameters.
    """

    name = "sam"
    reference = "Foret et al. 2021, Sharpness-Aware Minimization for Efficiently Improving Generalization"
    special_cases = (("inner", {"rho": 0.0}),)
    inner: Optimizer = HeavyBall()  # noqa: RUF009 - a frozen component is a value
    rho: float = hyper(
        0.05, low=0.005, high=0.5, scale="log", valid="[0, inf)", priority=2, help="radius of the ball"
    )

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {**super().init(params, layout), "uphill": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        if self.rho > 0:
            uphill = state["uphill"]
            uphill[...] = params
            axpy(self.rho / (norm(grads) + 1e-12), grads, uphill)
            context.gradient(uphill, grads)
        super().step(params, grads, state, context)
