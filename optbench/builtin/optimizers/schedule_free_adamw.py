"""Schedule-Free AdamW."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.schedule_free import ScheduleFree
from optbench.builtin.optimizers.settings import epsilon, past, rate
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class ScheduleFreeAdamW(ScheduleFree):
    """AdamW with an average in the place of momentum and schedule.

        v <- beta2 v + (1 - beta2) g^2        v = 0, x = y = z at the start; g is taken at y
        z <- z - lr (g / (sqrt(v') + eps) + decay y),  v' = v / (1 - beta2^t), t = 1, 2, ...
        x <- x + c (z - x)                    c = lr_max^2 / (sum of lr_max^2 so far)
        y  = z + beta1 (x - z)

    x is evaluated. A warm-up is a schedule's task; a rate that decays defeats the idea.
    """

    name = "schedule-free-adamw"
    reference = "Defazio et al. 2024, The Road Less Scheduled"
    lr: float = rate(0.0025, 1e-4, 1)
    beta1: float = hyper(
        0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1]", help="where between z and x gradients are taken"
    )
    beta2: float = past(0.999, 0.9, 0.9999, "weight of the past in v", priority=3)
    eps: float = epsilon(1e-8, 1e-10, 1e-3)
    decay: float = hyper(0.0, valid="[0, inf)", priority=3, help="weight decay at y, times lr a step")

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        more = {"t": 0, "v": np.zeros_like(params), "work": np.zeros_like(params)}
        return {**super().init(params, layout), **more}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        v, work = state["v"], state["work"]
        np.multiply(grads, grads, out=work)
        v *= self.beta2
        axpy(1 - self.beta2, work, v)
        c = sqrt(1 - self.beta2 ** state["t"])
        np.sqrt(v, out=work)
        work += self.eps * c
        grads /= work
        if self.decay:
            axpy(self.decay / c, params, grads)
        self.advance(params, grads, state, self.lr * context.factor, self.beta1, c)
