"""Yogi, which optbench does not have."""

from dataclasses import dataclass

import numpy as np

from optbench import Optimizer, hyper


@dataclass(frozen=True)
class Yogi(Optimizer):
    """Zaheer et al. 2018, Adaptive Methods for Nonconvex Optimization, algorithm 2: v changes by a bounded amount."""

    name = "yogi"
    lr: float = hyper(0.01, low=1e-5, high=1, scale="log", priority=1)
    beta1: float = hyper(0.9, low=0.5, high=0.999, scale="log1m", priority=2)
    beta2: float = hyper(0.999, low=0.9, high=0.9999, scale="log1m", priority=3)

    def init(self, params, layout):
        return {"m": np.zeros_like(params), "v": np.full_like(params, 1e-6)}

    def step(self, params, grads, state, context):
        m, v, squares = state["m"], state["v"], grads * grads
        m += (1 - self.beta1) * (grads - m)
        v -= (1 - self.beta2) * np.sign(v - squares) * squares
        params -= self.lr * context.factor * m / (np.sqrt(v) + 1e-3)
