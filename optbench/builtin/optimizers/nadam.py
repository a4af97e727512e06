"""NAdam."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.sums import Sums
from optbench.contract.components import Context, State, hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class NAdam(Sums):
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
    lr: float = hyper(0.002, low=1e-5, high=0.1, scale="log", valid="[0, inf)", help="learning rate")
    beta1: float = hyper(
        0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1)", help="weight of the past in m"
    )
    beta2: float = hyper(
        0.999, low=0.9, high=0.9999, scale="log1m", valid="[0, 1)", priority=3, help="weight of the past in v"
    )
    eps: float = hyper(
        1e-8, low=1e-10, high=1e-3, scale="log", valid="(0, inf)", priority=3, help="keeps from dividing by 0"
    )
    psi: float = hyper(
        0.004,
        low=1e-4,
        high=0.1,
        scale="log",
        valid="[0, inf)",
        priority=3,
        help="pace of momentum's warm-up",
    )

    def betas(self) -> dict[str, float]:
        return {"m": self.beta1, "v": self.beta2}

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"t": 0, "product": 1.0, **super().init(params, layout), "work": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        t, m, v, work = state["t"], state["m"], state["v"], state["work"]
        now, following = self.mu(t), self.mu(t + 1)
        state["product"] *= now
        product = state["product"]
        m *= self.beta1
        m += grads
        np.multiply(grads, grads, out=work)
        v *= self.beta2
        v += work
        c = sqrt((1 - self.beta2**t) / (1 - self.beta2))
        rate = self.lr * context.factor * c
        grads *= rate * (1 - now) / (1 - product)
        np.multiply(m, rate * (1 - self.beta1) * following / (1 - product * following), out=work)
        grads += work
        np.sqrt(v, out=work)
        work += self.eps * c
        grads /= work
        params -= grads

    def mu(self, t: int) -> float:
        return self.beta1 * (1 - 0.5 * 0.96 ** (self.psi * t))
