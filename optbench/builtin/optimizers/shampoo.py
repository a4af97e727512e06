"""Shampoo."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.gram import eigen, outer, shape, sides
from optbench.builtin.optimizers.settings import epsilon, past, rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import norm

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Shampoo(Optimizer):
    """Full-matrix AdaGrad for matrices, at the price of their two sides.

        L <- beta2 L + u G G',  R <- beta2 R + u G' G        u = 1 - beta2; 1 where beta2 is 1; L = R = 0 at the start
        D  = (L / s + eps I)^(-1/4) G (R / s + eps I)^(-1/4)        s = 1 - beta2^t; 1 where beta2 is 1
        m <- beta m + (1 - beta) D        m = 0 at the start
        W <- W - lr m

    With beta2 1 sums never forget, as in the paper; averages forget, as in code for large models. Matrices as in
    `Layout.matrix`. Vectors, and single rows and columns, have AdaGrad, and with averages RMSprop:

        l <- beta2 l + u g^2,  D = g / sqrt(l / s + eps)        l = 0 at the start

    as tensors of one axis have in lingvo's code of Anil et al. Algorithm 2, and other codes, would give these a full
    matrix, which multiplies by eps^(-1/2) what the gradients before did not show, until its root is renewed.

    With `graft` a matrix's D has the length of what it would be as a vector (Anil et al. and Shi et al., section 2.4):
    rates are then those of AdaGrad, RMSprop or Adam.

    A side longer than `largest` keeps its matrix's diagonal only, as the paper's section 5 does. The roots of matrices
    are computed anew, by eigenvalues, in each of the first `every` steps, then every `every` steps: what the first
    gradients did not show is multiplied by eps^(-1/2) until the next roots know of it. Of matrices, with beta 0, beta2
    1 and no graft, it is the paper's algorithm 1; momentum as in its experiments.
    """

    name = "shampoo"
    reference = (
        "Gupta, Koren and Singer 2018, Shampoo: Preconditioned Stochastic Tensor Optimization; "
        "Anil et al. 2020, Scalable Second Order Optimization for Deep Learning; "
        "Shi et al. 2023, A Distributed Data-Parallel PyTorch Implementation of the Distributed Shampoo Optimizer"
    )
    lr: float = rate(0.1, 1e-3, 10)
    beta: float = past(0.9, 0.5, 0.999, "weight of the past in m")
    beta2: float = hyper(1.0, valid="(0, 1]", priority=3, help="weight of the past in L and R; 1: sums")
    eps: float = epsilon(1e-4, 1e-12, 1, "what is added to L and R")
    graft: bool = hyper(False, priority=3, help="the length of AdaGrad's step, or RMSprop's")
    every: int = hyper(
        10, low=1, high=100, scale="integer", valid="[1, inf)", priority=3, help="steps between roots"
    )
    largest: int = hyper(512, valid="[1, inf)", priority=3, help="longest side with a full matrix")

    def invariances(self) -> tuple[str, ...]:
        return ("scale",) if self.graft else ("scale", "rotation")

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        gram: State = {}
        for tensor in layout:
            lengths = sides(layout, tensor)
            gram[tensor.name] = {
                side: np.zeros((n, n) if len(lengths) == 2 and n <= self.largest else n, dtype=params.dtype)
                for side, n in lengths.items()
            }
        roots = {name: {side: np.zeros_like(g) for side, g in both.items()} for name, both in gram.items()}
        squares = np.zeros(params.size if self.graft else 0, params.dtype)
        return {"t": 0, "m": np.zeros_like(params), "gram": gram, "roots": roots, "squares": squares}

    def load(self, saved: State, params: np.ndarray, layout: "Layout") -> State:
        state = super().load({"squares": np.zeros(0, params.dtype), **saved}, params, layout)
        if "squares" not in saved:  # a checkpoint of an earlier optbench: eps was in L and R from the start
            for both in state["gram"].values():
                for gram in both.values():
                    gram -= self.eps * (np.eye(len(gram), dtype=gram.dtype) if gram.ndim == 2 else 1)
        return state

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        renew = state["t"] < self.every or state["t"] % self.every == 0
        state["t"] += 1
        scale = 1.0 if self.beta2 == 1 else 1 - self.beta2 ** state["t"]
        if self.graft:
            lengths = self.remember(state["squares"], grads * grads)
        for tensor in context.layout:
            both, roots = state["gram"][tensor.name], state["roots"][tensor.name]
            gradient = grads[tensor.slice].reshape(shape(context.layout, tensor, len(both) == 2))
            self.accumulate(gradient, both, roots, renew, scale)
            step = self.combined(gradient, roots).reshape(-1)
            if self.graft and len(both) == 2:
                wanted = norm(grads[tensor.slice] / np.sqrt(lengths[tensor.slice] / scale + self.eps))
                found = norm(step)
                step *= wanted / found if found > 0 else 1.0
            grads[tensor.slice] = step
        m = state["m"]
        m *= self.beta
        axpy(1 - self.beta, grads, m)
        axpy(-self.lr * context.factor, m, params)

    def remember(self, past: np.ndarray, new: np.ndarray) -> np.ndarray:
        """The first line above, in place."""
        if self.beta2 != 1:
            past *= self.beta2
            new *= 1 - self.beta2
        past += new
        return past

    def accumulate(self, gradient: np.ndarray, both: State, roots: State, renew: bool, scale: float) -> None:
        """A tensor's sums, and their inverse roots where they are due: of a vector's diagonal in each step."""
        for side, gram in both.items():
            axis = 1 if side == "left" else 0
            self.remember(
                gram, outer(gradient, side) if gram.ndim == 2 else (gradient * gradient).sum(axis=axis)
            )
            if renew or (len(both) == 1 and gram.ndim == 1):
                inverse_root(gram / scale, 2 * len(both), self.eps, out=roots[side])

    def combined(self, gradient: np.ndarray, roots: State) -> np.ndarray:
        """D above, of the sides that there are; a side that is a vector is a matrix's diagonal."""
        for side, root in roots.items():
            if side == "left":
                gradient = root @ gradient if root.ndim == 2 else root[:, None] * gradient
            else:
                gradient = gradient @ root if root.ndim == 2 else gradient * root
        return gradient


def inverse_root(gram: np.ndarray, order: int, eps: float, out: np.ndarray) -> None:
    """(gram + eps I)^(-1 / order) into `out`; of a vector, elementwise. Eigenvalues below 0 are rounding errors."""
    if gram.ndim == 1:
        np.power(gram + eps, -1 / order, out=out)
        return
    found = eigen(gram)
    if found is not None:
        values, vectors = found
        # A product of a matrix and its own transpose takes NumPy half as long as another.
        half = vectors * (np.maximum(values, 0.0) + eps) ** (-0.5 / order)
        np.matmul(half, half.T, out=out)
