"""Prodigy."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import absolute_sum, axpy
from optbench.builtin.optimizers.settings import epsilon, past, rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import dot

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Prodigy(Optimizer):
    """Adam that estimates its own rate, as the distance d from the start to the solution.

        a  = d^2 lr / d0,  beta3 = sqrt(beta2)                 d = d0, m = v = s = r = 0 at the start
        r <- beta3 r + a g'(w0 - w)
        s <- beta3 s + a g
        m <- beta1 m + (1 - beta1) d g
        v <- beta2 v + (1 - beta2) d^2 g^2
        d <- max(d, growth r / |s|_1)
        w <- (1 - lr d decay) w - lr d m / (sqrt(v) + d eps)   with lr d from before this step, eps with d after

    lr is a factor on that estimate, to leave at 1, or for a schedule. As the authors' code, which has no bias
    correction by default.
    """

    name = "prodigy"
    reference = "Mishchenko and Defazio 2023, Prodigy: An Expeditiously Adaptive Parameter-Free Learner"
    lr: float = rate(1.0, 0.1, 10, "factor on the estimated rate")
    beta1: float = past(0.9, 0.5, 0.999, "weight of the past in m")
    beta2: float = past(0.999, 0.9, 0.9999, "weight of the past in v", priority=3)
    eps: float = epsilon(1e-8, 1e-10, 1e-3)
    decay: float = hyper(0.0, valid="[0, inf)", priority=3, help="weight decay, times the rate a step")
    start: float = hyper(
        1e-6, low=1e-8, high=1e-2, scale="log", valid="(0, inf)", priority=3, help="d0, the first estimate"
    )
    growth: float = hyper(
        1.0, low=0.3, high=3, scale="log", valid="(0, inf)", priority=3, help="factor on new estimates"
    )

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        arrays = {name: np.zeros_like(params) for name in ("m", "v", "s", "work")}
        return {"d": self.start, "r": 0.0, "from": params.copy(), **arrays}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        d, m, v, s, work = (state[name] for name in ("d", "m", "v", "s", "work"))
        beta3, rate = sqrt(self.beta2), d * self.lr * context.factor
        a = d / self.start * rate
        np.subtract(state["from"], params, out=work)
        state["r"] = beta3 * state["r"] + a * dot(grads, work)
        for average, beta, share in ((s, beta3, a), (m, self.beta1, d * (1 - self.beta1))):
            average *= beta
            axpy(share, grads, average)
        np.multiply(grads, grads, out=grads)
        v *= self.beta2
        axpy(d * d * (1 - self.beta2), grads, v)
        size = absolute_sum(s)
        if size == 0:
            return
        state["d"] = max(d, self.growth * state["r"] / size)
        np.sqrt(v, out=work)
        work += state["d"] * self.eps
        np.divide(m, work, out=work)
        if self.decay:
            params *= 1 - rate * self.decay
        axpy(-rate, work, params)
