"""Lion with one beta, and decay of the weights."""

from dataclasses import dataclass

import numpy as np

from optbench import Optimizer, hyper


@dataclass(frozen=True)
class Tiger(Optimizer):
    """Chen et al. 2023, arXiv:2302.06675, with beta1 = beta2: the sign of an average of gradients."""

    name = "tiger"
    lr: float = hyper(1e-3, low=1e-5, high=1e-1, scale="log", priority=1)
    beta: float = hyper(0.965, low=0.5, high=0.999, scale="log1m", priority=2)
    decay: float = hyper(0.01, low=1e-4, high=1, scale="log", priority=3)

    def init(self, params, layout):
        return {"average": np.zeros_like(params)}

    def step(self, params, grads, state, context):
        average, rate = state["average"], self.lr * context.factor
        average += (1 - self.beta) * (grads - average)
        params -= rate * (np.sign(average) + self.decay * params)
