"""RAdam."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.sums import Sums
from optbench.contract.components import Context, State, hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class RAdam(Sums):
    """Adam whose first steps are momentum's, until v has seen enough gradients; then a rectified rate.

        m <- beta1 m + (1 - beta1) g        m = v = 0 at the start
        v <- beta2 v + (1 - beta2) g^2
        n  = N - 2 t beta2^t / (1 - beta2^t),  N = 2 / (1 - beta2) - 1,  t = 1, 2, ...
        w <- w - lr m' r sqrt(1 - beta2^t) / (sqrt(v) + eps)        if n > 5,
             r^2 = (n - 4) (n - 2) N / ((N - 4) (N - 2) n)
        w <- w - lr m'                                              else;  m' = m / (1 - beta1^t)

    n is the number of gradients that v averages over. The threshold 5 and the place of eps are torch's; the
    paper has 4, and no eps. The state holds the sums m / (1 - beta1) and v / (1 - beta2).
    """

    name = "radam"
    reference = "Liu et al. 2020, On the Variance of the Adaptive Learning Rate and Beyond"
    lr: float = hyper(0.001, low=1e-5, high=0.1, scale="log", valid="[0, inf)", help="learning rate")
    beta1: float = hyper(
        0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1)", help="weight of the past in m"
    )
    beta2: float = hyper(
        0.999, low=0.9, high=0.9999, scale="log1m", valid="[0, 1)", priority=3, help="weight of the past in v"
    )
    eps: float = hyper(
        1e-8, low=1e-10, high=1e-3, scale="log", valid="(0, inf)", priority=3, help="keeps from dividing by 0"
    )

    def betas(self) -> dict[str, float]:
        return {"m": self.beta1, "v": self.beta2}

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"t": 0, **super().init(params, layout)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        t, m, v = state["t"], state["m"], state["v"]
        m *= self.beta1
        m += grads
        np.multiply(grads, grads, out=grads)
        v *= self.beta2
        v += grads
        rate = self.lr * context.factor * (1 - self.beta1) / (1 - self.beta1**t)
        correction = 1 - self.beta2**t
        most = 2 / (1 - self.beta2) - 1
        n = most - 2 * t * self.beta2**t / correction
        if n > 5:
            np.sqrt(v, out=grads)
            grads += self.eps / sqrt(1 - self.beta2)
            np.divide(m, grads, out=grads)
            rate *= sqrt((n - 4) * (n - 2) * most / ((most - 4) * (most - 2) * n))
            rate *= sqrt(correction / (1 - self.beta2))
            grads *= rate
        else:
            np.multiply(m, rate, out=grads)
        params -= grads
