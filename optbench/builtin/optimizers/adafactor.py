"""Adafactor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import epsilon, rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import norm

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Adafactor(Optimizer):
    """Adam's division with v kept as row and column means only, and steps relative to the tensor's size.

        b  = t^(-0.8)                                     t = 1, 2, ...; `power` 0.8
        r <- (1 - b) r + b (row means of g^2),  c <- (1 - b) c + b (column means of g^2)
        v  = r c / max(mean(r), eps)                      for a matrix; for a vector v averages g^2 itself
        u  = g / sqrt(max(v, eps^2)),  u <- u / max(1, rms(u) / clip)
        w <- w - max(floor, rms(w)) min(lr, 1 / sqrt(t)) u

    Matrices as in `Layout.matrix`. As in torch, whose eps depends on the dtype by default; the paper adds eps^2
    to g^2 instead. The state is the smallest of all adaptive methods: rows + columns numbers a matrix.
    Their products overflow in float32 where gradients exceed 1e19, and the parameters become NaN.
    """

    name = "adafactor"
    reference = "Shazeer and Stern 2018, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost"
    lr: float = rate(0.01, 1e-4, 1, "largest relative step")
    power: float = hyper(0.8, low=0.5, high=1, valid="(0, 1]", priority=3, help="how fast averages grow long")
    clip: float = hyper(
        1.0, low=0.3, high=10, scale="log", valid="(0, inf)", priority=3, help="largest root mean square of u"
    )
    floor: float = hyper(
        1e-3, low=1e-4, high=0.1, scale="log", valid="(0, inf)", priority=3, help="size of w at least"
    )
    eps: float = epsilon(1e-8, 1e-10, 1e-3)

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        rows, columns, squares = {}, {}, {}
        for tensor in layout:
            if len(tensor.shape) > 1:
                n, m = layout.matrix(tensor)
                rows[tensor.name] = np.zeros((n, 1), params.dtype)
                columns[tensor.name] = np.zeros((1, m), params.dtype)
            else:
                squares[tensor.name] = np.zeros(tensor.size, params.dtype)
        return {"t": 0, "rows": rows, "columns": columns, "squares": squares}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        b = state["t"] ** -self.power
        relative = min(self.lr, state["t"] ** -0.5) * context.factor
        for tensor in context.layout:
            if tensor.size == 0:
                continue
            w, g = params[tensor.slice], grads[tensor.slice]
            root = tensor.size**0.5
            if tensor.name in state["rows"]:
                r, c = state["rows"][tensor.name], state["columns"][tensor.name]
                self.divide(g.reshape(context.layout.matrix(tensor)), r, c, b)
            else:
                v = average(state["squares"][tensor.name], np.multiply(g, g), b)
                g /= np.sqrt(np.maximum(v, self.eps**2))
            times = relative * max(self.floor, norm(w) / root) / max(1.0, norm(g) / (root * self.clip))
            axpy(-times, g, w)

    def divide(self, g: np.ndarray, r: np.ndarray, c: np.ndarray, b: float) -> None:
        """u in the place of a matrix g, after its squares joined the means of rows and columns.

        The root of the outer product v is the outer product of the roots: no root is taken of a matrix.
        """
        rows, columns = g.shape
        v = np.multiply(g, g)
        average(r, v @ np.full((columns, 1), 1 / columns, g.dtype), b)
        average(c, np.full((1, rows), 1 / rows, g.dtype) @ v, b)
        left, right = np.sqrt(r), np.sqrt(c * (1 / max(float(r.sum()) / rows, self.eps)))
        if float(left.min()) * float(right.min()) >= self.eps:
            g *= 1 / left
            g *= 1 / right
        else:
            np.multiply(left, right, out=v)
            g /= np.maximum(v, self.eps, out=v)


def average(old: np.ndarray, new: np.ndarray, share: float) -> np.ndarray:
    """old <- (1 - share) old + share new, in place; `new` is used up."""
    new -= old
    new *= share
    old += new
    return old
