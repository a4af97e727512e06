"""MARS."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.adamw import AdamW
from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import past, rate
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import norm

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


#: what a state's `before` may hold
NOTHING, GRADIENT, PARAMETERS = range(3)


@dataclass(frozen=True)
class MARS(AdamW):
    """AdamW from a gradient of less variance: corrected by how it changed since the step before.

        c  = g + gamma beta1 / (1 - beta1) (g - h)        g at the first step, and where a training goes on with
                                                          another `exact`: there is no h of this kind
        c <- c min(1, limit / |c|)                        |c| of each tensor
        w <- AdamW's step from c

    h is the gradient of the step before, from its own mini-batch. With `exact` it is the gradient of this mini-batch at
    the parameters of the step before, for one extra gradient a step: then c is an estimate by recursion, as in STORM.
    The approximate form is the authors' default.

    This is MARS-AdamW for all parameters, as the paper's algorithm 2; the authors' code leaves vectors to AdamW, with
    settings of their own, unless it is told otherwise, and takes h = 0 at the first step.
    """

    name = "mars"
    reference = (
        "Yuan et al. 2024, MARS: Unleashing the Power of Variance Reduction for Training Large Models; "
        "Cutkosky and Orabona 2019, Momentum-Based Variance Reduction in Non-Convex SGD"
    )
    special_cases = (("adamw", {"gamma": 0.0, "limit": float("inf"), "beta1": 0.9, "beta2": 0.999}),)
    lr: float = rate(0.003, 3e-5, 0.3)
    beta1: float = past(0.95, 0.5, 0.999, "weight of the past in m")
    beta2: float = past(0.99, 0.9, 0.9999, "weight of the past in v", priority=3)
    gamma: float = hyper(
        0.025, low=1e-3, high=1, scale="log", valid="[0, inf)", priority=3, help="strength of the correction"
    )
    limit: float = hyper(1.0, valid="(0, inf]", priority=3, help="largest norm of a tensor's c")
    exact: bool = hyper(False, priority=3, help="the step before's gradient anew, on this mini-batch")

    def invariances(self) -> tuple[str, ...]:
        return ()  # some gradients are shorter than the limit

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        more = {"corrected": np.zeros_like(params), "before": np.zeros_like(params), "holds": NOTHING}
        return {**super().init(params, layout), **more}

    @property
    def holds(self) -> int:
        """What `before` has of the step before."""
        return PARAMETERS if self.exact else GRADIENT

    def load(self, saved: State, params: np.ndarray, layout: "Layout") -> State:
        # Checkpoints of an earlier optbench do not tell: they are taken to be of the same form.
        return {"holds": self.holds if saved["t"] else NOTHING, **super().load(saved, params, layout)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        c, before = state["corrected"], state["before"]
        if state["holds"] == self.holds:
            self.correct(grads, c, before, context)
        else:
            c[...] = grads
        before[...] = params if self.exact else grads
        state["holds"] = self.holds
        for tensor in context.layout:
            part = c[tensor.slice]
            length = norm(part)
            if length > self.limit:
                part *= self.limit / length
        rate = self.lr * context.factor
        self.accumulate(c, state)
        self.descend(params, state["v"], state["scales"]["v"], grads, state, rate, 1 - rate * self.decay)

    def correct(self, grads: np.ndarray, c: np.ndarray, before: np.ndarray, context: Context) -> None:
        """c = (1 + k) g - k h; `before` holds h, or the parameters that it is taken at."""
        k = self.gamma * self.beta1 / (1 - self.beta1)
        if self.exact:
            context.gradient(before, c)
            c *= -k
        else:
            np.multiply(before, -k, out=c)
        axpy(1 + k, grads, c)
