"""NAdam."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.moments import Moments
from optbench.builtin.optimizers.settings import rate
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class NAdam(Moments):
    """Adam with Nesterov's look-ahead, and a momentum that warms up.

        mu(t) = beta1 (1 - 0.96^(psi t) / 2),  P = mu(1) ... mu(t)
        m <- beta1 m + (1 - beta1) g        m = v = 0 at the start
        v <- beta2 v + (1 - beta2) g^2
        n  = (1 - mu(t)) / (1 - P) g + mu(t+1) / (1 - P mu(t+1)) m
        w <- w - lr n / (sqrt(v / (1 - beta2^t)) + eps)

    As in torch. Steps are written with the sums m / (1 - beta1) and v / (1 - beta2), see "adam".
    """

    name = "nadam"
    reference = "Dozat 2016, Incorporating Nesterov Momentum into Adam"
    lr: float = rate(0.002, 1e-5, 0.1)
    psi: float = hyper(
        0.004, low=1e-4, high=0.1, scale="log", valid="[0, inf)", priority=3, help="pace of momentum's warm-up"
    )

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {**super().init(params, layout), "product": 1.0, "work": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        t, m, v, work = state["t"], state["m"], state["v"], state["work"]
        now, following = self.mu(t), self.mu(t + 1)
        state["product"] *= now
        product = state["product"]
        scale = self.add(state, "m", grads)
        np.multiply(grads, grads, out=work)
        root = sqrt(self.add(state, "v", work))
        c = sqrt((1 - self.beta2**t) / (1 - self.beta2)) / root
        grads *= (1 - now) / (1 - product)
        axpy(scale * (1 - self.beta1) * following / (1 - product * following), m, grads)
        np.sqrt(v, out=work)
        work += self.eps * c
        grads /= work
        axpy(-self.lr * context.factor * c, grads, params)

    def mu(self, t: int) -> float:
        return self.beta1 * (1 - 0.5 * 0.96 ** (self.psi * t))
