"""Two gradients a step: what a twice as dear optimizer takes."""

from dataclasses import dataclass

import numpy as np

from optbench import Optimizer, hyper


@dataclass(frozen=True)
class Extragradient(Optimizer):
    """Korpelevich 1976: the step of descent from where a step of descent would lead, by the same mini-batch."""

    name = "extragradient"
    lr: float = hyper(0.1, low=1e-3, high=10, scale="log", priority=1)
    beta: float = hyper(0.9, low=0.5, high=0.999, scale="log1m", priority=2)

    def init(self, params, layout):
        return {"velocity": np.zeros_like(params), "ahead": np.zeros_like(params)}

    def step(self, params, grads, state, context):
        rate, velocity, ahead = self.lr * context.factor, state["velocity"], state["ahead"]
        ahead[...] = params - rate * grads
        context.gradient(ahead, grads)
        velocity *= self.beta
        velocity -= rate * grads
        params += velocity
