"""AMSGrad."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.optimizers.axpy import axpy
from optbench.contract.components import State
from optbench.contract.context import Context


@dataclass(frozen=True)
class AMSGrad(Adam):
    """Adam with the largest v so far, so that a coordinate's rate never rises.

        m, v as in Adam
        u <- max(u, v)        u = 0 at the start
        w <- w - lr m' / (sqrt(u') + eps),  m' = m / (1 - beta1^t), u' = u / (1 - beta2^t)

    The maximum is taken before the correction, as in torch. The paper has no correction: bias_correction =
    false.
    """

    name = "amsgrad"
    reference = "Reddi, Kale and Kumar 2018, On the Convergence of Adam and Beyond"
    special_cases = Adam.special_cases

    def betas(self) -> dict[str, float]:
        return {**super().betas(), "u": self.beta2}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        self.add(state, "m", grads)
        np.multiply(grads, grads, grads)
        v, largest, scales = state["v"], state["u"], state["scales"]
        # The scale of v stays 1: to compare v with u costs a pass, as to shrink v does.
        v *= self.beta2 * scales["v"]
        scales["v"] = 1.0
        axpy(1.0, grads, v)
        np.maximum(largest, v, out=largest)
        self.descend(params, largest, 1.0, grads, state, self.lr * context.factor)
