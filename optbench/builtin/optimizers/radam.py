"""RAdam."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.moments import Moments
from optbench.contract.components import State
from optbench.contract.context import Context


@dataclass(frozen=True)
class RAdam(Moments):
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

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        t, m = state["t"], state["m"]
        rate = self.lr * context.factor * (1 - self.beta1) / (1 - self.beta1**t) * self.add(state, "m", grads)
        np.multiply(grads, grads, out=grads)
        share = (1 - self.beta2) * self.add(state, "v", grads)
        correction = 1 - self.beta2**t
        most = 2 / (1 - self.beta2) - 1
        n = most - 2 * t * self.beta2**t / correction
        if n > 5:
            np.sqrt(state["v"], out=grads)
            grads += self.eps / sqrt(share)
            np.divide(m, grads, out=grads)
            rate *= sqrt((n - 4) * (n - 2) * most / ((most - 4) * (most - 2) * n))
            axpy(-rate * sqrt(correction / share), grads, params)
        else:
            axpy(-rate, m, params)
