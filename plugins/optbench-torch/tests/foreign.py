"""torch optimizers of these tests' own, and the bridge at work on them."""

import numpy as np
import torch
from optbench_torch import catalog
from optbench_torch.spec import Spec

from optbench import Context, Layout

SHAPES = {"kernel": (3, 2, 4, 5), "shift": (5,), "weight": (7, 6), "bias": (6,)}
LAYOUT = Layout.of(SHAPES)


class Recorder(torch.optim.Optimizer):
    """Plain descent that keeps what it saw."""

    seen = None

    def __init__(self, params, lr=0.1, other_lr=3.0):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        group = self.param_groups[0]
        Recorder.seen = {
            "shapes": [tuple(p.shape) for p in group["params"]],
            "addresses": [p.data_ptr() for p in group["params"]],
            "gradients": [p.grad for p in group["params"]],
            "rate": group["lr"],
        }
        for p in group["params"]:
            p.sub_(group["lr"] * p.grad)


class Replaces(Recorder):
    """Puts new memory in place of its parameters', as some optimizers do."""

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            p.data = p.data - 0.1 * p.grad


class Draws(Recorder):
    """A step of chance."""

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            p.add_(torch.rand_like(p))


def component(cls, **spec):
    path = f"{cls.__module__}:{cls.__name__}"
    return catalog.component("test/one", Spec(path, {"lr": 0.1}, **spec), "torch", "A test.")


class Refuses(Recorder):
    """Raises whatever comes."""

    @torch.no_grad()
    def step(self, closure=None):
        raise ValueError("refused")


def at_work(cls, dtype=np.float64, layout=LAYOUT, **spec):
    optimizer = component(cls, **spec)()
    params = np.random.default_rng(0).normal(size=layout.size).astype(dtype)
    grads = np.random.default_rng(1).normal(size=layout.size).astype(dtype)
    return optimizer, params, grads, optimizer.init(params, layout), Context(layout)


def named(name):
    return next(item for item in catalog.optimizers() if item.name == name).make()
