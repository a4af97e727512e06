"""The same steps by the bridge and by plain torch, on tensors of every kind."""

import warnings
from typing import Any

import numpy as np
from optbench_torch import library
from optbench_torch.bridge import TorchOptimizer
from optbench_torch.session import Session

from optbench import Context, Layout, Progress
from optbench.testing import checkpointed

LAYOUT = Layout.of({"kernel": (3, 3, 2, 4), "shift": (4,), "wide": (6, 9), "b": (9,), "tall": (9, 3), "c": (3,)})


def start(dtype: Any = np.float64) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.5, LAYOUT.size).astype(dtype)


def loss_at(w: np.ndarray, number: int) -> tuple[float, np.ndarray]:
    """A smooth loss with noise that depends on the step: log cosh of the distance to a point."""
    rng = np.random.default_rng(100 + number)
    distance = w - np.linspace(-1, 1, w.size, dtype=w.dtype) + rng.normal(0, 0.1, w.size).astype(w.dtype)
    return float(np.log(np.cosh(distance)).sum()), np.tanh(distance) * w.dtype.type(0.3)


def context_of(number: int, rng: np.random.Generator, params: np.ndarray, total: int) -> Context:
    loss, _ = loss_at(params, number)

    def gradient(at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        return loss_at(at, number)

    return Context(LAYOUT, Progress(number, total), rng, lambda: loss, gradient)


def bridged_steps(
    made: TorchOptimizer, steps: int, dtype: Any = np.float64, resume_at: int | None = None
) -> np.ndarray:
    """Where the bridge is after some steps, in between saved to a file and loaded."""
    params, grads = start(dtype), np.zeros(LAYOUT.size, dtype)
    state, rng = made.init(params, LAYOUT), np.random.default_rng(5)
    with quiet():
        for number in range(steps):
            if number == resume_at:
                saved = checkpointed(made.save(state))
                params, grads = params.copy(), grads.copy()
                state = made.load(saved, params, LAYOUT)
            grads[...] = loss_at(params, number)[1]
            made.step(params, grads, state, context_of(number, rng, params, steps))
    return params


def plain_steps(made: TorchOptimizer, steps: int) -> np.ndarray:
    """Where plain torch is: contiguous tensors, fresh gradients, no bridge."""
    torch = library.torch_module()
    shape = Session(made.spec, lambda tensors: [], start(), LAYOUT)
    params = start()
    views = shape.views(params)
    tensors = [torch.nn.Parameter(v.clone(memory_format=torch.contiguous_format)) for v in views]
    rng = np.random.default_rng(5)
    with shape.own_dtype(), shape.own_chance(np.random.default_rng(0)):
        optimizers = made.make(tensors)
    for optimizer in optimizers:
        if hasattr(optimizer, "train"):
            optimizer.train()

    def gradient(number: int) -> Any:
        for view, tensor in zip(views, tensors, strict=True):
            view.copy_(tensor.detach())
        loss, found = loss_at(params, number)
        for tensor, g in zip(tensors, shape.views(found), strict=True):
            fresh = g.clone(memory_format=torch.contiguous_format)
            tensor.grad = fresh.to_sparse() if "sparse" in made.spec.flags else fresh
        return torch.tensor(loss, dtype=tensors[0].dtype)

    for number in range(steps):
        gradient(number)
        with quiet(), shape.own_dtype(), shape.own_chance(rng):
            for optimizer in optimizers:
                if "closure" in made.spec.flags:
                    optimizer.step(lambda number=number: gradient(number))
                else:
                    optimizer.step()
    for view, tensor in zip(views, tensors, strict=True):
        view.copy_(tensor.detach())
    return params


def quiet() -> Any:
    return warnings.catch_warnings(action="ignore")
