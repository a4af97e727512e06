"""The networks whose parameters are updated: dense, of three sizes, with the shapes of real matrices."""

from functools import lru_cache

import numpy as np

from optbench.builtin.networks.mlp import MLP
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.layout import Layout
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network

#: inputs and hidden layers; ten classes. 8,122, 235,146 and 995,978 parameters
NETWORKS = {"8k": (64, (80, 32)), "235k": (784, (256, 128)), "1m": (784, (640, 640, 128))}
#: So many gradients come in turn: one alone would be its own average.
GRADIENTS = 3


@lru_cache
def layout(size: str) -> Layout:
    inputs, hidden = NETWORKS[size]
    layers = MLP(hidden=hidden).layers(Inputs((inputs,)), 10, Extras())
    return Network(layers, (inputs,), SoftmaxCrossEntropy).layout


class Gradients:
    """Parameters to start at, and gradients that are drawn beforehand.

    `at` adds a slope in each coordinate, for methods that look at a gradient elsewhere: with it they are the gradients
    of w'Dw / 2 + noise'w, and `loss` is that.
    """

    def __init__(self, size: int):
        rng = np.random.default_rng(1)
        self.start = rng.normal(scale=0.1, size=size).astype("f4")
        self.noise = rng.normal(scale=0.01, size=(GRADIENTS, size)).astype("f4")
        self.slopes = rng.uniform(0.01, 0.1, size).astype("f4")

    def at(self, step: int, params: np.ndarray, out: np.ndarray) -> None:
        np.multiply(self.slopes, params, out=out)
        out += self.noise[step % GRADIENTS]

    def loss(self, step: int, params: np.ndarray) -> float:
        half = 0.5 * self.slopes * params + self.noise[step % GRADIENTS]
        return float(np.dot(half, params))
