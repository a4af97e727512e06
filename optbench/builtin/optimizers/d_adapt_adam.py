"""D-Adaptation of Adam."""

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
class DAdaptAdam(Optimizer):
    """Adam whose rate is a lower bound d of the distance from the start to the solution, which only grows.

        a  = lr d sqrt(1 - beta2^t) / (1 - beta1^t)            t = 1, 2, ...; b = sqrt(beta2)
        r <- b r + (1 - b) a g'(s / (sqrt(v) + eps))           d = d0, m = v = s = r = 0 at the start
        m <- beta1 m + (1 - beta1) a g
        v <- beta2 v + (1 - beta2) g^2
        s <- b s + (1 - b) a g
        d <- max(d, r / ((1 - b) |s|_1))
        w <- w - m / (sqrt(v) + eps)

    v in the line of r is from before this step. lr is a factor on that estimate, to leave at 1, or for a
    schedule. As in version 3 of the authors' code, where the correction of Adam's averages is off by default:
    then a = lr d, first steps are several times as long, and d may grow beyond what training survives.
    """

    name = "d-adapt-adam"
    reference = "Defazio and Mishchenko 2023, Learning-Rate-Free Learning by D-Adaptation"
    lr: float = rate(1.0, 0.1, 10, "factor on the estimated rate")
    beta1: float = past(0.9, 0.5, 0.999, "weight of the past in m")
    beta2: float = past(0.999, 0.9, 0.9999, "weight of the past in v", priority=3)
    eps: float = epsilon(1e-8, 1e-10, 1e-3)
    start: float = hyper(
        1e-6, low=1e-8, high=1e-2, scale="log", valid="(0, inf)", priority=3, help="d0, the first estimate"
    )
    bias_correction: bool = hyper(True, priority=3, help="correct m and v for their start at 0")

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        arrays = {name: np.zeros_like(params) for name in ("m", "v", "s", "work")}
        return {"t": 0, "d": self.start, "r": 0.0, **arrays, "root": np.full_like(params, self.eps)}

    def load(self, saved: State, params: np.ndarray, layout: "Layout") -> State:
        root = np.sqrt(saved["v"])  # anew: it holds eps, which may have changed
        root += self.eps
        return {**saved, "root": root}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        m, v, s, work, root = (state[name] for name in ("m", "v", "s", "work", "root"))
        rate, beta = state["d"] * self.lr * context.factor, sqrt(self.beta2)
        state["t"] += 1
        if self.bias_correction:
            rate *= sqrt(1 - self.beta2 ** state["t"]) / (1 - self.beta1 ** state["t"])
        np.divide(s, root, out=work)
        progress = rate * dot(grads, work)
        for average, weight in ((m, self.beta1), (s, beta)):
            average *= weight
            axpy(rate * (1 - weight), grads, average)
        np.multiply(grads, grads, out=grads)
        v *= self.beta2
        axpy(1 - self.beta2, grads, v)
        np.sqrt(v, out=root)
        root += self.eps
        size = absolute_sum(s)
        if size == 0:
            return
        state["r"] = beta * state["r"] + (1 - beta) * progress
        if rate > 0:
            state["d"] = max(state["d"], state["r"] / ((1 - beta) * size))
        np.divide(m, root, out=work)
        axpy(-1.0, work, params)
