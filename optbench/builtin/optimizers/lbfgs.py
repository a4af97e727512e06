"""L-BFGS."""

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import absolute_sum, axpy
from optbench.builtin.optimizers.line_search import Point, strong_wolfe
from optbench.builtin.optimizers.settings import rate
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import dot, norm

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class LBFGS(Optimizer):
    """A quasi-Newton step from the last few changes of parameters and gradient, with a line search.

        d  = -H g               the two-loop recursion over the last `memory` pairs (s, y), H0 = s'y / y'y
        w <- w + t d            t from the line search, which starts at lr
        s = t d,  y = g(w) - g  kept where s'y > 0

    Without pairs H = 1, and t starts at min(1, 1 / |g|_1) lr. Without `line_search` t stays where it starts.
    y is a difference of gradients of one mini-batch, so that it holds curvature and not the batches' noise.
    That takes one extra gradient a step, and one more for each further point that the line search tries.

    On mini-batches a line search finds a low loss of that batch. Its branches (accept or try on) make the path
    depend on the last bits: it can be pinned to another implementation's on full batches only.
    """

    name = "lbfgs"
    reference = "Liu and Nocedal 1989, On the Limited Memory BFGS Method for Large Scale Optimization"
    lr: float = rate(1.0, 0.01, 1, "first step to try")
    memory: int = hyper(10, low=3, high=30, scale="integer", valid="[1, inf)", priority=3, help="pairs kept")
    line_search: bool = hyper(True, priority=3, help="strong Wolfe conditions; else t = lr")

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        pairs = {name: np.zeros((self.memory, len(params)), params.dtype) for name in ("s", "y")}
        return {"pairs": 0, "products": {}, **pairs, **self.work(params)}

    @staticmethod
    def work(params: np.ndarray) -> State:
        """What a step writes over: new memory of this size costs more than a pass over it."""
        return {name: np.zeros_like(params) for name in ("direction", "where", "there")}

    def load(self, saved: State, params: np.ndarray, layout: "Layout") -> State:
        rows = range(min(saved["pairs"], self.memory))
        products = {str(k): dot(saved["s"][k], saved["y"][k]) for k in rows}
        return {"products": products, **self.work(params), **saved}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        length, rate = norm(grads), self.lr * context.factor
        if rate == 0 or length == 0 or not isfinite(length):
            return
        first = state["pairs"] == 0
        d = self.direction(grads, state)
        slope = dot(grads, d)
        if not slope < 0:  # pairs of other mini-batches may point uphill on this one
            state["pairs"], slope = 0, -(length**2)
            np.negative(grads, out=d)
        start = Point(0.0, context.loss, slope, grads)
        where, free = state["where"], [state["there"]]

        def at(t: float) -> Point:
            where[...] = params
            axpy(t, d, where)
            loss, there = context.gradient(where, free.pop() if free else np.empty_like(params))
            return Point(t, float(loss), dot(there, d), there)

        t = rate * min(1.0, 1 / absolute_sum(grads)) if first else rate
        point = strong_wolfe(at, start, t, float(np.abs(d).max())) if self.line_search else at(t)
        d *= point.t
        axpy(1.0, d, params)
        point.grads -= grads
        self.keep(d, point.grads, state)

    def direction(self, grads: np.ndarray, state: State) -> np.ndarray:
        """-H g."""
        d, count = np.negative(grads, out=state["direction"]), state["pairs"]
        rows = [n % self.memory for n in range(max(0, count - self.memory), count)]
        pairs = [(state["s"][k], state["y"][k], state["products"][str(k)]) for k in rows]
        shares = []
        for s, y, product in reversed(pairs):
            shares.append(dot(s, d) / product)
            axpy(-shares[-1], y, d)
        if pairs:
            _, y, product = pairs[-1]
            d *= product / dot(y, y)
        for (s, y, product), share in zip(pairs, reversed(shares), strict=True):
            axpy(share - dot(y, d) / product, s, d)
        return d

    def keep(self, s: np.ndarray, y: np.ndarray, state: State) -> None:
        """Keep the pair if it has curvature, in the place of the oldest."""
        product = dot(s, y)
        if product > 1e-10 * norm(s) * norm(y):
            row = state["pairs"] % self.memory
            state["s"][row], state["y"][row], state["products"][str(row)] = s, y, product
            state["pairs"] += 1
