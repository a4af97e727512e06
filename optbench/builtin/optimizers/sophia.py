"""Sophia."""

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import past, rate, weight_decay
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Sophia(Optimizer):
    """Momentum over an estimate of the Hessian's diagonal, each coordinate's step clipped.

        m <- beta1 m + (1 - beta1) g        m = h = 0 at the start
        h <- beta2 h + (1 - beta2) u * (H u)        every `every` steps; u random signs (Hutchinson)
        w <- (1 - lr decay) w
        w <- w - lr clip(m / max(scale h, eps), -1, 1)

    Where the curvature is not positive, or small, it is a step of lr against m's sign.

    H u is a difference of the mini-batch's gradients, (g(w + distance u) - g(w - distance u)) / (2 distance):
    two extra gradients every `every` steps. On relu networks such a difference is unsound: the
    gradient jumps at kinks, the true Hessian does not contain the jumps, and a difference counts those within
    `distance`. Smooth activations (tanh, gelu) have no such trouble. In float32 a distance much smaller than
    1e-3 leaves rounding errors only.
    """

    name = "sophia"
    reference = (
        "Liu et al. 2023, Sophia: A Scalable Stochastic Second-order Optimizer for Language Model Pre-training; "
        "Hutchinson 1989, A Stochastic Estimator of the Trace of the Influence Matrix"
    )
    lr: float = rate(0.001, 1e-5, 0.1)
    beta1: float = past(0.96, 0.5, 0.999, "weight of the past in m")
    beta2: float = past(0.99, 0.9, 0.9999, "weight of the past in h", priority=3)
    scale: float = hyper(
        0.01, low=1e-3, high=1, scale="log", valid="(0, inf)", priority=2, help="the more, the less is clipped"
    )
    eps: float = hyper(1e-12, valid="(0, inf)", priority=3, help="keeps from dividing by 0")
    decay: float = weight_decay(0.1, 1e-4, 1)
    every: int = hyper(
        10, low=1, high=100, scale="integer", valid="[1, inf)", priority=3, help="steps between estimates"
    )
    distance: float = hyper(1e-3, valid="(0, inf)", priority=3, help="of the gradients that are compared")

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        work = {name: np.zeros_like(params) for name in ("m", "h", "signs", "at", "difference")}
        return {"t": 0, **work}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        m, h, work = state["m"], state["h"], state["at"]
        m *= self.beta1
        axpy(1 - self.beta1, grads, m)
        if state["t"] % self.every == 0:
            estimate = self.estimate(params, state, context)
            h *= self.beta2
            axpy(1 - self.beta2, estimate, h)
        state["t"] += 1
        # scale times the fraction: h itself need not be scaled. A maximum with a number takes thrice as long as `clip`.
        np.clip(h, self.eps / self.scale, inf, out=work)
        np.divide(m, work, out=work)
        np.clip(work, -self.scale, self.scale, out=work)
        rate = self.lr * context.factor
        if self.decay:
            params *= 1 - rate * self.decay
        axpy(-rate / self.scale, work, params)

    def estimate(self, params: np.ndarray, state: State, context: Context) -> np.ndarray:
        """u * (H u) for random signs u: its mean is the Hessian's diagonal."""
        signs, at, difference = state["signs"], state["at"], state["difference"]
        signs[...] = 2 * context.rng.integers(0, 2, len(params)) - 1
        np.multiply(signs, self.distance, out=at)
        at += params
        context.gradient(at, difference)
        np.multiply(signs, -self.distance, out=at)
        at += params
        difference -= context.gradient(at)[1]
        difference *= signs
        difference *= 1 / (2 * self.distance)
        return difference
