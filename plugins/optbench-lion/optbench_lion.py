"""Lion, as an optbench plugin: this file and an entry point in pyproject.toml are all there is to it."""

from dataclasses import dataclass

import numpy as np

from optbench import Optimizer, hookimpl, hyper

OPTBENCH_CONTRACT = 1


@dataclass(frozen=True)
class Lion(Optimizer):
    """Steps of one size for all coordinates: the sign of an average of gradients.

        w <- w - lr (sign(beta1 m + (1 - beta1) g) + decay w)
        m <- beta2 m + (1 - beta2) g        m = 0 at the start

    Every coordinate moves by lr in each step, so lr is 3 to 10 times smaller than Adam's.
    """

    name = "lion"
    reference = "Chen et al. 2023, Symbolic Discovery of Optimization Algorithms"
    lr: float = hyper(1e-4, low=1e-6, high=1e-2, scale="log", valid="[0, inf)")
    beta1: float = hyper(0.9, low=0.5, high=0.99, scale="log1m", valid="[0, 1)")
    beta2: float = hyper(0.99, low=0.9, high=0.999, scale="log1m", valid="[0, 1)", priority=3)
    decay: float = hyper(0.0, low=0.0, high=0.1, valid="[0, inf)", priority=3)

    def invariances(self):
        return ("scale",)

    def init(self, params, layout):
        return {"m": np.zeros_like(params)}

    def step(self, params, grads, state, context):
        m, rate = state["m"], self.lr * context.factor
        direction = np.sign(self.beta1 * m + (1 - self.beta1) * grads)
        m += (1 - self.beta2) * (grads - m)
        params -= rate * (direction + self.decay * params)


@hookimpl
def optbench_optimizers():
    return [Lion]
