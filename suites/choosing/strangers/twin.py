"""Adam under another name: what is right of it is that nothing tells it from Adam."""

from dataclasses import dataclass

import numpy as np

from optbench import Optimizer, hyper


@dataclass(frozen=True)
class Twin(Optimizer):
    """Kingma and Ba 2015, algorithm 1, in the ranges of "adam"."""

    name = "twin"
    lr: float = hyper(0.001, low=1e-5, high=1, scale="log", priority=1)
    beta1: float = hyper(0.9, low=0.5, high=0.999, scale="log1m", priority=2)
    beta2: float = hyper(0.999, low=0.9, high=0.9999, scale="log1m", priority=3)

    def init(self, params, layout):
        return {"t": 0, "m": np.zeros_like(params), "v": np.zeros_like(params)}

    def step(self, params, grads, state, context):
        state["t"] += 1
        m, v, t = state["m"], state["v"], state["t"]
        m += (1 - self.beta1) * (grads - m)
        v += (1 - self.beta2) * (grads * grads - v)
        rate = self.lr * context.factor / (1 - self.beta1**t)
        params -= rate * m / (np.sqrt(v / (1 - self.beta2**t)) + 1e-8)
