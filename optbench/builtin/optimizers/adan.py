"""Adan."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import epsilon, past, rate, weight_decay
from optbench.builtin.optimizers.sums import Sums
from optbench.contract.components import State
from optbench.contract.context import Context

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Adan(Sums):
    """Adaptive Nesterov momentum, from the differences of successive gradients.

        d  = g - (the step before's g)      0 at the first step
        m <- beta1 m + (1 - beta1) g        m = u = n = 0 at the start
        u <- beta2 u + (1 - beta2) d
        n <- beta3 n + (1 - beta3) (g + beta2 d)^2
        w <- (w - lr (m' + beta2 u') / (sqrt(n') + eps)) / (1 + lr decay)

    where ' divides by 1 - beta^t with the average's own beta. The betas are the weights of the past, as in
    "adam"; the paper writes 1 - beta. The state holds the averages divided by 1 - beta.
    """

    name = "adan"
    reference = (
        "Xie et al. 2022, Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models"
    )
    lr: float = rate(0.001, 1e-5, 0.1)
    beta1: float = past(0.98, 0.5, 0.999, "weight of the past in m")
    beta2: float = past(0.92, 0.5, 0.999, "weight of the past in u", priority=3)
    beta3: float = past(0.99, 0.9, 0.9999, "weight of the past in n", priority=3)
    eps: float = epsilon(1e-8, 1e-10, 1e-3)
    decay: float = weight_decay(0.02, 1e-4, 1)

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def betas(self) -> dict[str, float]:
        return {"m": self.beta1, "u": self.beta2, "n": self.beta3}

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        more = {"previous": np.zeros_like(params), "work": np.zeros_like(params)}
        return {"t": 0, **super().init(params, layout), **more}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        t, m, u, n = state["t"], state["m"], state["u"], state["n"]
        previous, work = state["previous"], state["work"]
        first = self.add(state, "m", grads)
        if t > 1:  # before, work is 0
            np.subtract(grads, previous, out=work)
        second = self.add(state, "u", work)
        work *= self.beta2
        work += grads
        np.multiply(work, work, out=work)
        root = sqrt(self.add(state, "n", work))
        previous[...] = grads
        c = sqrt((1 - self.beta3**t) / (1 - self.beta3)) / root
        np.sqrt(n, out=grads)
        grads += self.eps * c
        np.multiply(m, first * (1 - self.beta1) / (1 - self.beta1**t), out=work)
        axpy(second * self.beta2 * (1 - self.beta2) / (1 - self.beta2**t), u, work)
        work /= grads
        rate = self.lr * context.factor
        axpy(-rate * c, work, params)
        params *= 1 / (1 + rate * self.decay)
