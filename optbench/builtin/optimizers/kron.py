"""Kron: PSGD with a Kronecker-factored preconditioner."""

from dataclasses import dataclass
from functools import cache
from math import exp, sqrt
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.gram import outer, shape, sides
from optbench.builtin.optimizers.settings import past, rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import norm

if TYPE_CHECKING:
    from optbench.contract.layout import Layout, Tensor

TINY = 2.0**-126


@dataclass(frozen=True)
class Kron(Optimizer):
    """Momentum, whitened by a preconditioner that is itself learnt by descent: Q'Q m R'R, with Q and R triangular.

        m <- beta m + (1 - beta) G,  m' = m / (1 - beta^t)        m = 0, Q = R = 1 at the start
        A  = Q m' R',  B = Q'^(-1) V R^(-1)                       V of standard normal numbers
        Q <- Q - pace triu(A A' - B B') Q / |A A' + B B'|         and so R, from A' A and B' B
        u  = Q'Q m' R'R,  u <- u min(1, 1.1 / rms(u))
        W <- W - lr (u + decay W)                                 decay for weights of two axes or more

    With P for the whole preconditioner, Q and R descend on E[m . P m + V . P^(-1) V]; its least point, the root of the
    inverse of m's second moments, whitens m. |.| is a lower bound of the spectral norm. Q and R are renewed with a
    probability p that falls, p = max(least, min(1, exp(-fall (t - flat)))): as in the authors' code, each time that
    1 / p steps are over. One renewal in a hundred brings them to the same largest entry.

    Matrices are weights, as in `Layout.matrix`. Biases of any shape, sides longer than `largest`, and the rows of an
    embedding, which are not mixed, have a diagonal. So have vectors, and single rows and columns, which have no R: the
    authors' default for tensors of one axis, `min_ndim_triangular=2`. A tensor whose gradient is 0 keeps its
    preconditioner, which would grow without end. Triangles take units in their order: in another one the path is
    another.
    """

    name = "kron"
    reference = (
        "Li 2018, Preconditioned Stochastic Gradient Descent; "
        "Pooladzandi and Li 2024, Curvature-Informed SGD via General Purpose Lie-Group Preconditioners"
    )
    expected_failures = {"check_permuted_units": "triangles take units in their order, which is none of the network's"}
    lr: float = rate(0.001, 1e-5, 0.1)
    beta: float = past(0.9, 0.5, 0.999, "weight of the past in m")
    pace: float = hyper(
        0.1, low=0.01, high=0.3, scale="log", valid="[0, 1)", priority=3, help="rate of the preconditioner"
    )
    decay: float = hyper(0.0, valid="[0, inf)", priority=3, help="weight decay, times lr a step")
    least: float = hyper(0.03, valid="[0, 1]", priority=3, help="probability of a renewal at last")
    flat: int = hyper(500, valid="[0, inf)", priority=3, help="steps with a renewal each")
    fall: float = hyper(0.001, valid="[0, inf)", priority=3, help="of the probability after these, a step")
    largest: int = hyper(512, valid="[1, inf)", priority=3, help="longest side with a triangle")

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        factors = {tensor.name: self.start(layout, tensor, params.dtype) for tensor in layout}
        return {"t": 0, "since": 0, "m": np.zeros_like(params), "factors": factors}

    def start(self, layout: "Layout", tensor: "Tensor", dtype: np.dtype) -> State:
        lengths = sides(layout, tensor)
        full = tensor.role == "weight" and len(lengths) == 2
        rows = "left" if tensor.part == "embedding" else None
        return {
            side: np.eye(n, dtype=dtype) if full and n <= self.largest and side != rows else np.ones(n, dtype)
            for side, n in lengths.items()
        }

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        renew = self.due(state)
        balance = renew and context.rng.random() < 0.01
        state["t"] += 1
        m, rate = state["m"], self.lr * context.factor
        m *= self.beta
        axpy(1 - self.beta, grads, m)
        for tensor in context.layout:
            if tensor.size == 0:
                continue
            place, factors = tensor.slice, state["factors"][tensor.name]
            form = shape(context.layout, tensor, len(factors) == 2)
            average = m[place].reshape(form) * (1 / (1 - self.beta ** state["t"]))
            if balance and len(factors) > 1:
                balanced(factors)
            if renew:
                noise = context.rng.standard_normal(form, params.dtype)
                if grads[place].any():
                    learn(factors, average, noise, self.pace)
            u = precondition(factors, average).reshape(-1)
            u *= rate * min(1.0, 1.1 / (norm(u) / sqrt(tensor.size) + 1e-6))
            w = params[place]
            if self.decay and decays(tensor):
                w *= 1 - rate * self.decay
            w -= u

    def due(self, state: State) -> bool:
        """Whether the preconditioner is renewed in this step: where 1 / p steps are over since the last time."""
        p = max(self.least, min(1.0, exp(-self.fall * (state["t"] - self.flat))))
        state["since"] += 1
        if state["since"] * p < 1:
            return False
        state["since"] = 0
        return True


def decays(tensor: "Tensor") -> bool:
    """Not the biases of a table's rows, say, which are rows of one number."""
    return tensor.role == "weight" and len(tensor.shape) > 1


def apply(factors: State, matrix: np.ndarray) -> np.ndarray:
    """Q G R' of the factors that there are; a vector is a diagonal."""
    q, r = factors["left"], factors.get("right")
    matrix = q @ matrix if q.ndim == 2 else q[:, None] * matrix
    if r is None:
        return matrix
    return matrix @ r.T if r.ndim == 2 else matrix * r


def turned(factors: State) -> State:
    """Q' and R'."""
    return {side: q.T for side, q in factors.items()}


def precondition(factors: State, matrix: np.ndarray) -> np.ndarray:
    """Q'Q G R'R."""
    return apply(turned(factors), apply(factors, matrix))


def divided(factors: State, matrix: np.ndarray) -> np.ndarray:
    """Q'^(-1) V R^(-1).

    By BLAS, which neither factorizes what is a triangle nor raises where a number is not finite. `axpy` has loaded
    it, with NumPy's threads.
    """
    from scipy.linalg import blas

    solve = blas.strsm if matrix.dtype == np.float32 else blas.dtrsm
    q, r = factors["left"], factors.get("right")
    # BLAS counts columns first: to it q.T is a lower triangle that lies as it should.
    matrix = solve(1.0, q.T, matrix, lower=1) if q.ndim == 2 else matrix / q[:, None]
    if r is None:
        return matrix
    return solve(1.0, r.T, matrix, side=1, lower=1, trans_a=1) if r.ndim == 2 else matrix / r


def learn(factors: State, average: np.ndarray, noise: np.ndarray, pace: float) -> None:
    """One step of Q and R, in place."""
    a, b = apply(factors, average), divided(factors, noise)
    # A common factor cancels; without it squares might leave float32.
    size = max(float(np.abs(a).max()), float(np.abs(b).max()))
    a *= 1 / size
    b *= 1 / size
    for side, q in factors.items():
        if q.ndim == 2:
            one, other = outer(a, side), outer(b, side)
            change = one - other
            change *= upper(len(q), q.dtype.char)
            one += other
            change *= pace / (lower_bound(one) + TINY)
            q -= change @ q
        else:
            axis = 1 if side == "left" else 0
            one, other = (a * a).sum(axis=axis), (b * b).sum(axis=axis)
            change = one - other
            one += other
            change *= pace / (float(one.max()) + TINY)
            change *= q
            q -= change


@cache
def upper(size: int, dtype: str) -> np.ndarray:
    """1 on and above the diagonal, 0 below: multiplied in a tenth of the time that `np.triu` takes."""
    mask = np.triu(np.ones((size, size), dtype))
    mask.flags.writeable = False
    return mask


def lower_bound(symmetric: np.ndarray) -> float:
    """At most the largest eigenvalue, and at least most of it: |M x| / |x| for x = M times M's longest row."""
    longest = int(np.einsum("ij,ij->i", symmetric, symmetric).argmax())
    x = symmetric @ symmetric[longest]
    y = symmetric @ x
    length = float(x @ x)
    return sqrt(float(y @ y) / length) if length > 0 else 0.0


def balanced(factors: State) -> None:
    """Scale Q and R to the same largest entry, in place: Q'Q m R'R stays as it is."""
    largest = {side: float(np.abs(q).max()) for side, q in factors.items()}
    middle = sqrt(largest["left"] * largest["right"])
    for side, q in factors.items():
        q *= middle / largest[side]
