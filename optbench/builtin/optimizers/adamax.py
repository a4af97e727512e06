"""Adamax."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import epsilon, past, rate
from optbench.builtin.optimizers.sums import Sums
from optbench.contract.components import State
from optbench.contract.context import Context

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Adamax(Sums):
    """Adam with a decaying maximum of |g| for the root of v.

        m <- beta1 m + (1 - beta1) g        m = u = 0 at the start
        u <- max(beta2 u, |g| + eps)
        w <- w - lr / (1 - beta1^t) m / u

    The maximum needs no correction. eps is added where torch adds it; the paper has none.
    """

    name = "adamax"
    reference = "Kingma and Ba 2015, Adam: A Method for Stochastic Optimization, section 7.1"
    lr: float = rate(0.002, 1e-5, 0.1)
    beta1: float = past(0.9, 0.5, 0.999, "weight of the past in m")
    beta2: float = past(0.999, 0.9, 0.9999, "decay of the maximum", priority=3)
    eps: float = epsilon(1e-8, 1e-10, 1e-3)

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def betas(self) -> dict[str, float]:
        return {"m": self.beta1}

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"t": 0, **super().init(params, layout), "u": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        u, scale = state["u"], self.add(state, "m", grads)
        np.abs(grads, out=grads)
        grads += self.eps
        u *= self.beta2
        np.maximum(u, grads, out=u)
        np.divide(state["m"], u, out=grads)
        rate = self.lr * context.factor * (1 - self.beta1) / (1 - self.beta1 ** state["t"])
        axpy(-rate * scale, grads, params)
