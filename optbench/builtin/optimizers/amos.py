"""Amos."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.settings import past, rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout, Tensor

#: Squares are held within these, so that no step divides by 0 and float32 has none that is infinite.
LEAST, LARGEST = 2.0**-125, 1e38


@dataclass(frozen=True)
class Amos(Optimizer):
    """Adam's division, with a weight decay and a fall of the rate that lead to a scale eta of the weights.

        s  = the mean of g^2 over a group                     v = b = 0 at the start, one number a group
        v <- beta v + (1 - beta) s,  v' = v / (1 - beta^t)    t = 1, 2, ...
        c  = lr^2 s / v' / sqrt(1 + fall sqrt(lr) b)
        u  = (lr eta g / sqrt(v') + c w / 2) / (1 + fall sqrt(lr eta) b)
        b <- b + c (1 + b)
        w <- w - u, or with momentum  m <- momentum m + (1 - momentum) u,  w <- w - m

    A group is all that enters one unit, one row of an embedding, or the whole of any other tensor. eta is what the
    authors give such tensors in their models: sqrt(2 / fan_in) for weights (what follows a relu), sqrt(1 / fan_in) for
    what gives the logits, 0.5 for biases and shifts, 1 for scales and points. They recommend a rate of one over the
    root of the number of mini-batches in the training set, and 1 - beta of the same size.
    """

    name = "amos"
    reference = (
        "Tian and Parikh 2022, Amos: An Adam-style Optimizer with Adaptive Weight Decay towards Model-Oriented Scale"
    )
    lr: float = rate(0.01, 1e-4, 1, "rate, and the root of the weight decay")
    beta: float = past(0.999, 0.9, 0.9999, "weight of the past in v", priority=3)
    momentum: float = hyper(
        0.0, low=0.0, high=0.99, scale="log1m", valid="[0, 1)", priority=2, help="weight of the past in m"
    )
    fall: float = hyper(
        0.25, low=0.01, high=1, scale="log", valid="[0, inf)", priority=3, help="how fast rate and decay fall"
    )

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        v: State = {}
        b: State = {}
        for tensor in layout:
            form, axis = grouped(layout, tensor)
            slots = (1, form[1]) if axis == 0 else (form[0], 1)
            v[tensor.name], b[tensor.name] = np.zeros(slots, params.dtype), np.zeros(slots, params.dtype)
        return {"t": 0, "m": np.zeros_like(params), "v": v, "b": b}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        lr = self.lr * context.factor
        correction = 1 - self.beta ** state["t"]
        for tensor in context.layout:
            if tensor.size == 0:
                continue
            form, axis = grouped(context.layout, tensor)
            w, g = params[tensor.slice].reshape(form), grads[tensor.slice].reshape(form)
            v, b, eta = state["v"][tensor.name], state["b"][tensor.name], scale(tensor)
            squares = (g * g).sum(axis=axis, keepdims=True) * (1 / form[axis])
            np.minimum(squares, LARGEST, out=squares)
            v *= self.beta
            v += (1 - self.beta) * squares
            inverse = correction / np.maximum(v, LEAST)
            decay = lr**2 * inverse * squares / np.sqrt(1 + self.fall * sqrt(lr) * b)
            slower = 1 / (1 + self.fall * sqrt(lr * eta) * b)
            g *= lr * eta * np.sqrt(inverse) * slower
            g += 0.5 * decay * slower * w
            b += decay * (1 + b)
        if self.momentum:
            m = state["m"]
            m *= self.momentum
            grads *= 1 - self.momentum
            m += grads
            grads = m
        params -= grads


def grouped(layout: "Layout", tensor: "Tensor") -> tuple[tuple[int, int], int]:
    """The tensor as a matrix, and the axis over which a group reaches."""
    if len(tensor.shape) < 2:
        return (tensor.size, 1), 0
    return layout.matrix(tensor), 1 if tensor.part == "embedding" else 0


def scale(tensor: "Tensor") -> float:
    """eta."""
    if tensor.role == "weight":
        return sqrt((1 if tensor.part == "head" else 2) / max(tensor.fan_in, 1))
    return 0.5 if tensor.role in ("bias", "shift") else 1.0
