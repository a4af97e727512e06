"""SOAP."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.gram import eigen, outer, shape, sides
from optbench.builtin.optimizers.settings import epsilon, past, rate, weight_decay
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class SOAP(Optimizer):
    """Adam in the eigenbasis of Shampoo's matrices.

        m <- beta1 m + (1 - beta1) G                    m = v = 0 at the start
        v <- beta2 v + (1 - beta2) (P' G Q)^2           P, Q: eigenvectors of L, R
        W <- W - lr sqrt(1 - beta2^t) / (1 - beta1^t) P (P' m Q / (sqrt(v) + eps)) Q'
        W <- (1 - lr decay) W
        L <- beta2 L + (1 - beta2) G G',  R <- beta2 R + (1 - beta2) G' G

    Matrices as in `Layout.matrix`. Sides longer than `largest` keep their own basis, and so do vectors, single rows and
    single columns, whose step is AdamW's, with P = Q = 1, as in the authors' code by default (`precondition_1d=False`):

        W <- W - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps),  W <- (1 - lr decay) W

    The first gradient only makes the first bases: no tensor is moved by it. Every `every` steps P and Q are renewed by
    one power iteration and a QR factorization, and v's rows and columns go along when the eigenvalues change order.

    Eigenvectors of what no gradient has reached yet, in the longer side of any matrix, are any basis: rounding errors
    choose it, or the order of units, and with it the path.
    """

    name = "soap"
    reference = "Vyas et al. 2024, SOAP: Improving and Stabilizing Shampoo using Adam"
    lr: float = rate(0.003, 1e-5, 0.1)
    beta1: float = past(0.95, 0.5, 0.999, "weight of the past in m")
    beta2: float = past(0.95, 0.9, 0.9999, "that in v, L and R", priority=3)
    eps: float = epsilon(1e-8, 1e-10, 1e-3)
    decay: float = weight_decay(0.01, 1e-4, 1)
    every: int = hyper(
        10, low=1, high=100, scale="integer", valid="[1, inf)", priority=3, help="steps between bases"
    )
    largest: int = hyper(512, valid="[1, inf)", priority=3, help="longest side with a basis")

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        gram: State = {}
        for tensor in layout:
            lengths = sides(layout, tensor)
            if len(lengths) == 2:
                short = {side: n for side, n in lengths.items() if n <= self.largest}
                gram[tensor.name] = {side: np.zeros((n, n), params.dtype) for side, n in short.items()}
        bases = {
            name: {side: np.eye(len(g), dtype=g.dtype) for side, g in both.items()}
            for name, both in gram.items()
        }
        return {"t": 0, "m": np.zeros_like(params), "v": np.zeros_like(params), "gram": gram, "bases": bases}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        t = state["t"]
        state["t"] += 1
        rate = self.lr * context.factor
        m, v = state["m"], state["v"]
        for tensor in context.layout:
            form = shape(context.layout, tensor, tensor.name in state["gram"])
            gradient = grads[tensor.slice].reshape(form)
            both, bases = state["gram"].get(tensor.name, {}), state["bases"].get(tensor.name, {})
            if t > 0:
                first, second = m[tensor.slice].reshape(form), v[tensor.slice].reshape(form)
                first *= self.beta1
                axpy(1 - self.beta1, grads[tensor.slice], m[tensor.slice])
                rotated = rotate(gradient, bases)
                second *= self.beta2
                axpy(1 - self.beta2, np.multiply(rotated, rotated).reshape(-1), v[tensor.slice])
                step = np.sqrt(second)
                step += self.eps
                np.divide(rotate(first, bases), step, out=step)
                step = rotate(step, {side: basis.T for side, basis in bases.items()})
                w = params[tensor.slice]
                axpy(-rate * sqrt(1 - self.beta2**t) / (1 - self.beta1**t), step.reshape(-1), w)
                w *= 1 - rate * self.decay
            for side, gram in both.items():
                gram *= self.beta2
                gram += (1 - self.beta2) * outer(gradient, side)
                if t == 0:
                    found = eigen(gram)
                    if found is not None:
                        bases[side][...] = found[1]
                elif t % self.every == 0:
                    order = renew(gram, bases[side])
                    second[...] = second[order] if side == "left" else second[:, order]


def rotate(matrix: np.ndarray, bases: dict[str, Any]) -> np.ndarray:
    """P' G Q, of the bases that there are."""
    if "left" in bases:
        matrix = bases["left"].T @ matrix
    return matrix @ bases["right"] if "right" in bases else matrix


def renew(gram: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """One step of orthogonal iteration on the basis, in place; the order that its columns are now in."""
    product = gram @ basis
    order = np.argsort(-(basis * product).sum(axis=0), kind="stable")
    if np.isfinite(product).all():
        basis[...] = np.linalg.qr(product[:, order])[0]
    return order
