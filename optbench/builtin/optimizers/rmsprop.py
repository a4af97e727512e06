"""RMSprop with eps outside the root."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import epsilon, past, rate
from optbench.builtin.optimizers.sums import Sums
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class RMSprop(Sums):
    """The gradient over the root of an average of its squares, coordinate by coordinate.

        s <- beta s + (1 - beta) g^2        s = 0 at the start
        w <- w - lr g / (sqrt(s) + eps)

    `centered` takes the average m <- beta m + (1 - beta) g along and divides by the gradient's standard deviation,
    sqrt(s - m^2) for sqrt(s) (Graves 2013, Generating Sequences with Recurrent Neural Networks).

    There is no bias correction: the first step is up to lr / sqrt(1 - beta). With s = (1 - beta) S the
    fraction is g / (sqrt(S) + e) / sqrt(1 - beta), where e = eps / sqrt(1 - beta); with m = (1 - beta) M, s - m^2
    is (1 - beta) (S - (1 - beta) M^2).
    """

    name = "rmsprop"
    reference = "Tieleman and Hinton 2012, Lecture 6.5 of Neural Networks for Machine Learning"
    # Choi et al. 2019: where eps is far above every root, the division is by a constant.
    special_cases = (("sgd", {"eps": 1e12, "lr": 1e11}, {"lr": 0.1}),)
    lr: float = rate(0.01, 1e-5, 0.1)
    beta: float = past(0.99, 0.9, 0.9999, "weight of the past in the average")
    eps: float = epsilon(1e-8, 1e-10, 1e-3)
    centered: bool = hyper(False, priority=3, help="divide by the standard deviation of the gradient")

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def betas(self) -> dict[str, float]:
        return {"squares": self.beta, "means": self.beta} if self.centered else {"squares": self.beta}

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return super().init(params, layout) | {"work": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        squares, scale = self.accumulate(grads, state)
        work, root = state["work"], sqrt((1 - self.beta) * scale)
        np.sqrt(squares, out=work)
        work += self.eps / root
        np.divide(grads, work, out=work)
        axpy(-self.lr * context.factor / root, work, params)

    def accumulate(self, grads: np.ndarray, state: State) -> tuple[np.ndarray, float]:
        """Update the sums; returns S, or S - (1 - beta) M^2 in `work`, without its scale, and that scale."""
        squares, work = state["squares"], state["work"]
        np.multiply(grads, grads, out=work)
        scale = self.add(state, "squares", work)
        if not self.centered:
            return squares, scale
        share = self.add(state, "means", grads)
        np.multiply(state["means"], state["means"], out=work)
        work *= (self.beta - 1) * share * share / scale
        work += squares
        # A variance, but for rounding.
        return np.maximum(work, 0, out=work), scale
