"""Stochastic gradient descent."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context


@dataclass(frozen=True)
class SGD(Optimizer):
    """Descent along the mini-batch's gradient.

        w <- w - lr g

    With the full training set as the batch it is batch gradient descent, with one example stochastic descent
    in the narrow sense: the batch size belongs to the workload.
    """

    name = "sgd"
    reference = "Robbins and Monro 1951, A Stochastic Approximation Method"
    lr: float = rate(0.1, 1e-3, 10)

    def invariances(self) -> tuple[str, ...]:
        return ("rotation",)

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        axpy(-self.lr * context.factor, grads, params)
