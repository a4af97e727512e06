"""Quasi-hyperbolic momentum, which optbench does not have."""

from dataclasses import dataclass

import numpy as np

from optbench import Optimizer, hyper


@dataclass(frozen=True)
class QHM(Optimizer):
    """Ma and Yarats 2019, Quasi-hyperbolic momentum and Adam for deep learning: a gradient and its average, mixed."""

    name = "qhm"
    lr: float = hyper(1.0, low=1e-3, high=10, scale="log", priority=1)
    beta: float = hyper(0.999, low=0.5, high=0.9999, scale="log1m", priority=2)
    nu: float = hyper(0.7, low=0, high=1, priority=2)

    def init(self, params, layout):
        return {"average": np.zeros_like(params)}

    def step(self, params, grads, state, context):
        average = state["average"]
        average += (1 - self.beta) * (grads - average)
        params -= self.lr * context.factor * ((1 - self.nu) * grads + self.nu * average)
