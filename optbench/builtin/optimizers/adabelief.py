"""AdaBelief."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import epsilon
from optbench.contract.components import State


@dataclass(frozen=True)
class AdaBelief(Adam):
    """Adam that divides by how far gradients are from their average, not from 0.

        m <- beta1 m + (1 - beta1) g        m = s = 0 at the start
        s <- beta2 s + (1 - beta2) (g - m)^2 + eps
        w <- w - lr m' / (sqrt(s') + eps),  m' = m / (1 - beta1^t), s' = s / (1 - beta2^t), t = 1, 2, ...

    A steady gradient is believed in and gives long steps, where Adam's have the length lr. eps stands twice, as
    in the paper; its default is the authors' code's, since 1e-8 beside s would dominate small gradients.
    """

    name = "adabelief"
    reference = (
        "Zhuang et al. 2020, AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients"
    )
    eps: float = epsilon(1e-16, 1e-18, 1e-6, "added to s, and to its root")

    def accumulate(self, grads: np.ndarray, state: State) -> None:
        state["t"] += 1
        scale = self.add(state, "m", grads)
        axpy(-(1 - self.beta1) * scale, state["m"], grads)
        np.multiply(grads, grads, out=grads)
        grads += self.eps / (1 - self.beta2)
        self.add(state, "v", grads)
