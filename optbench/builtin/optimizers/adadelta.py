"""Adadelta."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import epsilon, past, rate
from optbench.builtin.optimizers.sums import Sums
from optbench.contract.components import State
from optbench.contract.context import Context

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Adadelta(Sums):
    """Steps in the parameters' own units: the gradient, scaled by past steps over past gradients.

        s <- rho s + (1 - rho) g^2
        d <- sqrt(u + eps) / sqrt(s + eps) g
        u <- rho u + (1 - rho) d^2        s = u = 0 at the start
        w <- w - lr d

    The paper has lr = 1. eps sets the size of the first steps, so it matters more than in other methods.
    With s = (1 - rho) S and u = (1 - rho) U the step is sqrt((U + e) / (S + e)) g, where e = eps / (1 - rho).
    """

    name = "adadelta"
    reference = "Zeiler 2012, ADADELTA: An Adaptive Learning Rate Method"
    lr: float = rate(1.0, 1e-2, 100)
    rho: float = past(0.9, 0.5, 0.999, "weight of the past in both averages")
    eps: float = epsilon(1e-6, 1e-8, 1e-2, "square of the first step")

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def betas(self) -> dict[str, float]:
        return {"gradients": self.rho, "steps": self.rho}

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return super().init(params, layout) | {
            "numerator": np.zeros_like(params),
            "denominator": np.zeros_like(params),
        }

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        work, denominator = state["numerator"], state["denominator"]
        eps = self.eps / (1 - self.rho)
        np.multiply(grads, grads, out=work)
        past, scale = state["scales"]["steps"], self.add(state, "gradients", work)
        np.add(state["steps"], eps / past, out=work)
        work /= np.add(state["gradients"], eps / scale, out=denominator)
        np.sqrt(work, out=work)
        grads *= work
        np.multiply(grads, grads, out=work)
        self.add(state, "steps", work, past / scale)
        axpy(-self.lr * context.factor * sqrt(past / scale), grads, params)
