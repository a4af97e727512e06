"""Muon."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import past, rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import norm

if TYPE_CHECKING:
    from optbench.contract.layout import Layout

#: Jordan's quintic: steep at 0, so that five iterations bring all but tiny singular values near 1.
QUINTIC = (3.4445, -4.7750, 2.0315)


@dataclass(frozen=True)
class Muon(Optimizer):
    """Momentum whose step in each weight matrix is made orthogonal; AdamW for all other parameters.

        m <- beta m + (1 - beta) g                            m = 0 at the start
        O  = newton_schulz(beta m + (1 - beta) g)             Nesterov's look-ahead
        W <- (1 - lr decay) W - lr sqrt(max(1, outputs / inputs)) O

    Matrices of inputs x outputs are the weights with two axes or more, as in `Layout.matrix`; where gates lie side by
    side, each is a matrix of its own. Everything else (biases, scales, shifts, points), embeddings and what gives the
    logits take a step of AdamW with `adamw_lr` and the same decay, as the author has it (who leaves it the first layer
    as well, whatever that is).
    """

    name = "muon"
    reference = "Jordan et al. 2024, Muon: An optimizer for hidden layers in neural networks"
    lr: float = rate(0.02, 1e-3, 1, "rate of weight matrices")
    adamw_lr: float = rate(0.003, 1e-5, 0.1, "rate of the rest")
    beta: float = past(0.95, 0.5, 0.999, "weight of the past in m")
    iterations: int = hyper(
        5, low=1, high=10, scale="integer", valid="[1, 50]", priority=3, help="of Newton-Schulz"
    )
    decay: float = hyper(0.0, valid="[0, inf)", priority=3, help="weight decay, times the rate a step")
    beta1: float = hyper(0.9, valid="[0, 1)", priority=3, help="AdamW's")
    beta2: float = hyper(0.95, valid="[0, 1)", priority=3, help="AdamW's")
    eps: float = hyper(1e-10, valid="(0, inf)", priority=3, help="AdamW's")

    def invariances(self) -> tuple[str, ...]:
        return ("scale", "rotation")

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"t": 0, "m": np.zeros_like(params), "v": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["t"] += 1
        layout = context.layout
        for tensor in layout:
            w, g, m, v = (a[tensor.slice] for a in (params, grads, state["m"], state["v"]))
            if tensor.role != "weight" or len(tensor.shape) < 2 or tensor.part in ("embedding", "head"):
                self.adamw(w, g, m, v, state["t"], context.factor)
                continue
            m *= self.beta
            axpy(1 - self.beta, g, m)
            g *= 1 - self.beta
            axpy(self.beta, m, g)
            inputs, outputs = layout.matrix(tensor)
            if tensor.size == 0:
                continue
            rate = self.lr * context.factor
            if self.decay:
                w *= 1 - rate * self.decay
            columns = tensor.fan_out if tensor.part == "gates" else outputs
            rows, places = g.reshape(inputs, outputs), w.reshape(inputs, outputs)
            for first in range(0, outputs, columns):
                step = newton_schulz(rows[:, first : first + columns], self.iterations)
                step *= rate * sqrt(max(1.0, columns / inputs))
                places[:, first : first + columns] -= step

    def adamw(
        self, w: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray, t: int, factor: float
    ) -> None:
        """AdamW's step, see "adamw"; `g` is used up."""
        rate = self.adamw_lr * factor
        m *= self.beta1
        axpy(1 - self.beta1, g, m)
        np.multiply(g, g, out=g)
        v *= self.beta2
        axpy(1 - self.beta2, g, v)
        c = sqrt(1 - self.beta2**t)
        np.sqrt(v, out=g)
        g += self.eps * c
        np.divide(m, g, out=g)
        if self.decay:
            w *= 1 - rate * self.decay
        axpy(-rate * c / (1 - self.beta1**t), g, w)


def newton_schulz(matrix: np.ndarray, iterations: int, eps: float = 1e-7) -> np.ndarray:
    """U V' of the singular value decomposition U S V' of a matrix, roughly: singular values in 0.7 to 1.2.

        X <- X / max(|X|, eps);  X <- a X + (b X X' + c (X X')^2) X,  again and again

    on the wide orientation, whose X X' is the smaller. A polynomial needs no factorization, only products. NumPy takes
    half as long for a product of a matrix and its own transpose: the square of a symmetric matrix is written as one.
    """
    a, b, c = QUINTIC
    rows, columns = matrix.shape
    x = matrix.T if rows > columns else matrix
    x = x * (1 / max(norm(matrix.reshape(-1)), eps))
    gram, update = np.empty((2, len(x), len(x)), x.dtype)
    product = np.empty_like(x)
    for _ in range(iterations):
        np.matmul(x, x.T, gram)
        np.matmul(gram, gram.T, update)
        update *= c
        axpy(b, gram.reshape(-1), update.reshape(-1))
        np.matmul(update, x, product)
        x *= a
        x += product
    return np.ascontiguousarray(x.T) if rows > columns else x
