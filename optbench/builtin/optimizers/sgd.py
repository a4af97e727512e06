"""Stochastic gradient descent."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.components import Context, Optimizer, State, hyper


@dataclass(frozen=True)
class SGD(Optimizer):
    """Descent along the mini-batch's gradient.

        w <- w - lr g

    With the full training set as the batch it is batch gradient descent, with one example stochastic descent
    in the narrow sense: the batch size belongs to the workload.
    """

    name = "sgd"
    reference = "Robbins and Monro 1951, A Stochastic Approximation Method"
    lr: float = hyper(0.1, low=1e-3, high=10, scale="log", valid="[0, inf)", help="learning rate")

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        grads *= self.lr * context.factor
        params -= grads
