"""AdaGrad."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import epsilon, rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    """A rate for each coordinate that falls with the sum of its squared gradients.

    s <- s + g^2        s = initial at the start
    w <- w - lr g / (sqrt(s) + eps)
    """

    name = "adagrad"
    reference = "Duchi, Hazan and Singer 2011, Adaptive Subgradient Methods for Online Learning"
    # Choi et al. 2019: where eps is far above every root, the division is by a constant.
    special_cases = (("sgd", {"eps": 1e12, "lr": 1e11}, {"lr": 0.1}),)
    lr: float = rate(0.01, 1e-4, 1)
    eps: float = epsilon(1e-10, 1e-12, 1e-4)
    initial: float = hyper(0.0, valid="[0, inf)", priority=3, help="the sum of squares at the start")

    def invariances(self) -> tuple[str, ...]:
        return () if self.initial else ("scale",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"squares": np.full_like(params, self.initial), "work": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        squares, work = state["squares"], state["work"]
        np.multiply(grads, grads, out=work)
        axpy(1.0, work, squares)
        np.sqrt(squares, out=work)
        work += self.eps
        np.divide(grads, work, out=work)
        axpy(-self.lr * context.factor, work, params)
