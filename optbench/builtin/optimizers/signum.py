"""Signum: signSGD with momentum."""

from dataclasses import dataclass
from math import inf

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import past, rate
from optbench.builtin.optimizers.sums import Sums
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

#: The least number above 0, by dtype.
LEAST = {"f": 1e-45, "d": 5e-324}


@dataclass(frozen=True)
class Signum(Sums):
    """A step of the same length in each coordinate, along the sign of an average of gradients.

        m <- beta m + (1 - beta) g        m = 0 at the start
        w <- (1 - lr decay) w - lr sign(m)

    With beta 0 it is signSGD. The default rate is Adam's, ten times the paper's on ImageNet: a coordinate gets no
    further than lr times the number of steps. The state holds m / (1 - beta), which has the same sign.
    """

    name = "signum"
    reference = "Bernstein et al. 2018, signSGD: Compressed Optimisation for Non-Convex Problems"
    lr: float = rate(0.001, 1e-5, 0.1, "length of a step in each coordinate")
    beta: float = past(0.9, 0.5, 0.999, "weight of the past in m")
    decay: float = hyper(0.0, valid="[0, inf)", priority=3, help="weight decay, times lr a step")

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def betas(self) -> dict[str, float]:
        return {"m": self.beta}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        rate = self.lr * context.factor
        self.add(state, "m", grads)
        m = state["m"]
        # m / |m| is its sign in less time than `np.sign` takes; 0 stays 0.
        np.abs(m, out=grads)
        np.clip(grads, LEAST[m.dtype.char], inf, out=grads)
        np.divide(m, grads, out=grads)
        if self.decay:
            params *= 1 - rate * self.decay
        axpy(-rate, grads, params)
