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

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Shampoo(Optimizer):
    """Full-matrix AdaGrad for matrices, at the price of their two sides.

        L <- L + G G',  R <- R + G' G        L = R = eps I at the start
        m <- beta m + (1 - beta) L^(-1/4) G R^(-1/4)        m = 0 at the start
        W <- W - lr m

    Matrices as in `Layout.matrix`. Vectors, and single rows and columns, have AdaGrad:

        l <- l + g^2,  m <- beta m + (1 - beta) g / sqrt(l)        l = eps at the start

    as tensors of one axis have in lingvo's code of Anil et al. Algorithm 2, and other codes, would give these a full
    matrix, which multiplies by eps^(-1/2) what the gradients before did not show, until its root is renewed.

    A side longer than `largest` keeps its matrix's diagonal only, as the paper's section 5 does. The roots of matrices
    are computed anew every `every` steps, by eigenvalues. Of matrices, with beta 0, it is the paper's algorithm 1;
    momentum as in its experiments.
    """

    name = "shampoo"
    reference = (
        "Gupta, Koren and Singer 2018, Shampoo: Preconditioned Stochastic Tensor Optimization; "
        "Anil et al. 2020, Scalable Second Order Optimization for Deep Learning"
    )
    lr: float = rate(0.1, 1e-3, 10)
    beta: float = past(0.9, 0.5, 0.999, "weight of the past in m")
    eps: float = epsilon(1e-4, 1e-8, 1, "start of L and R")
    every: int = hyper(
        10, low=1, high=100, scale="integer", valid="[1, inf)", priority=3, help="steps between roots"
    )
    largest: int = hyper(512, valid="[1, inf)", priority=3, help="longest side with a full matrix")

    def invariances(self) -> tuple[str, ...]:
        return ("rotation",)

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        gram: State = {}
        for tensor in layout:
            lengths = sides(layout, tensor)
            gram[tensor.name] = {
                side: self.eps
                * (np.eye if len(lengths) == 2 and n <= self.largest else np.ones)(n, dtype=params.dtype)
                for side, n in lengths.items()
            }
        roots = {name: {side: g.copy() for side, g in both.items()} for name, both in gram.items()}
        return {"t": 0, "m": np.zeros_like(params), "gram": gram, "roots": roots}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        renew = state["t"] % self.every == 0
        state["t"] += 1
        for tensor in context.layout:
            both, roots = state["gram"][tensor.name], state["roots"][tensor.name]
            gradient = step = grads[tensor.slice].reshape(shape(context.layout, tensor, len(both) == 2))
            self.accumulate(gradient, both, roots, renew)
            for side, root in roots.items():
                if side == "left":
                    step = root @ step if root.ndim == 2 else root[:, None] * step
                else:
                    step = step @ root if root.ndim == 2 else step * root
            grads[tensor.slice] = step.reshape(-1)
        self.descend(params, grads, state, self.lr * context.factor)

    def accumulate(self, gradient: np.ndarray, both: State, roots: State, renew: bool) -> None:
        """A tensor's sums, and their inverse roots where they are due: of a vector's diagonal in each step."""
        for side, gram in both.items():
            axis = 1 if side == "left" else 0
            gram += outer(gradient, side) if gram.ndim == 2 else (gradient * gradient).sum(axis=axis)
            if renew or (len(both) == 1 and gram.ndim == 1):
                inverse_root(gram, 2 * len(both), self.eps, out=roots[side])

    def descend(self, params: np.ndarray, grads: np.ndarray, state: State, rate: float) -> None:
        """The last two lines above, from the preconditioned gradient."""
        m = state["m"]
        m *= self.beta
        axpy(1 - self.beta, grads, m)
        axpy(-rate, m, params)


def inverse_root(gram: np.ndarray, order: int, eps: float, out: np.ndarray) -> None:
    """gram^(-1 / order) into `out`; of a vector, elementwise. Eigenvalues below eps are rounding errors."""
    if gram.ndim == 1:
        np.power(gram, -1 / order, out=out)
        return
    found = eigen(gram)
    if found is not None:
        values, vectors = found
        # A product of a matrix and its own transpose takes NumPy half as long as another.
        half = vectors * np.maximum(values, eps) ** (-0.5 / order)
        np.matmul(half, half.T, out=out)
