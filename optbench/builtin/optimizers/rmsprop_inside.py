"""RMSprop with eps inside the root."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.rmsprop import RMSprop
from optbench.builtin.optimizers.settings import past, rate
from optbench.contract.components import State
from optbench.contract.context import Context


@dataclass(frozen=True)
class RMSpropInside(RMSprop):
    """RMSprop as Ng's course writes it, with eps added before the root is taken.

        s <- beta s + (1 - beta) g^2        s = 0 at the start
        w <- w - lr g / sqrt(s + eps)

    With `centered` it is g / sqrt(s - m^2 + eps), as in Graves 2013. The denominator is at least sqrt(eps), not
    eps: at 1e-8 small gradients are cut off at 1e-4. With s = (1 - beta) S the fraction is g / sqrt(S + e) /
    sqrt(1 - beta), where e = eps / (1 - beta).
    """

    name = "rmsprop-inside"
    reference = "Ng 2017, Improving Deep Neural Networks, week 2 (DeepLearning.AI)"
    special_cases = (("sgd", {"eps": 1e24, "lr": 1e11}, {"lr": 0.1}),)
    lr: float = rate(0.001, 1e-5, 0.1)
    beta: float = past(0.9, 0.5, 0.9999, "weight of the past in the average")

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        squares, scale = self.accumulate(grads, state)
        work, share = state["work"], (1 - self.beta) * scale
        np.add(squares, self.eps / share, out=work)
        np.sqrt(work, out=work)
        np.divide(grads, work, out=work)
        axpy(-self.lr * context.factor / sqrt(share), work, params)
