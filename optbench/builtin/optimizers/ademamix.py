"""AdEMAMix."""

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.adamw import AdamW
from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import past
from optbench.builtin.optimizers.sums import shrink
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class AdEMAMix(AdamW):
    """AdamW along a mixture of two averages of gradients: Adam's, and one that reaches thousands of steps back.

        m <- beta1 m + (1 - beta1) g        m = n = v = 0 at the start
        n <- b n + (1 - b) g
        v <- beta2 v + (1 - beta2) g^2
        w <- (1 - lr decay) w - lr (m' + a n) / (sqrt(v') + eps)        m', v' as in "adam"

    Both a and b warm up over T = `warmup` times the budget, with p = min(t / T, 1):

        a = p alpha,  1 / ln b = (1 - p) / ln beta1 + p / ln last,  b at most last
        last = min(beta3, 0.5^(1 / (reach budget)))

    so that the half-life of the slow average grows linearly from m's. Without a warm-up (0) a is alpha and b the last.
    n is not corrected for its start at 0.

    `reach` is ours. A beta3 of 0.9999 halves a gradient's weight in 6,900 steps, a 40th of the paper's runs; in one of
    400 steps it forgets nothing, and ends high at every rate. From 23,000 steps on the default leaves beta3 as it is.
    """

    name = "ademamix"
    reference = "Pagliardini, Ablin and Grangier 2024, The AdEMAMix Optimizer: Better, Faster, Older"
    special_cases = (("adam", {"alpha": 0.0, "decay": 0.0}),)
    beta3: float = past(0.9999, 0.9, 0.9999, "weight of the past in the slow average")
    alpha: float = hyper(
        5.0, low=1, high=20, scale="log", valid="[0, inf)", priority=3, help="share of the slow average"
    )
    reach: float = hyper(
        0.3, low=0.03, high=3, scale="log", valid="(0, inf)", priority=3,
        help="longest half-life of the slow average, as a share of the budget",
    )  # fmt: skip
    warmup: float = hyper(1.0, valid="[0, inf)", priority=3, help="of alpha and beta3, as a share of the budget")

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        state = super().init(params, layout)
        state["scales"]["slow"] = 1.0
        return {**state, "slow": np.zeros_like(params), "work": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        rate, scales = self.lr * context.factor, state["scales"]
        alpha, beta3 = self.warm(state["t"] + 1, context.progress.total_steps)
        self.add_slowly(grads, state, beta3)
        self.accumulate(grads, state)
        # m' is the sum that the state holds times this
        one = 1 - self.beta1 ** state["t"] if self.bias_correction else 1.0
        share = (1 - self.beta1) / one * scales["m"]
        mixed = np.multiply(state["slow"], alpha * scales["slow"] / share, out=state["work"])
        axpy(1.0, state["m"], mixed)
        keep = 1 - rate * self.decay
        self.descend(params, state["v"], scales["v"], grads, {**state, "m": mixed}, rate, keep)

    def warm(self, t: int, steps: int) -> tuple[float, float]:
        """(alpha, beta3) of step t = 1, 2, ... of a budget of `steps`."""
        p = min(t / (self.warmup * steps), 1.0) if self.warmup else 1.0
        last = min(self.beta3, 0.5 ** (1 / (self.reach * steps)))
        inverse = (1 - p) * _inverse_log(self.beta1) + p * _inverse_log(last)
        return p * self.alpha, min(exp(1 / inverse) if inverse else 0.0, last)

    def add_slowly(self, grads: np.ndarray, state: State, beta3: float) -> None:
        """n <- beta3 n + (1 - beta3) g: a sum would change its meaning with beta3."""
        axpy((1 - beta3) / shrink(state, "slow", beta3), grads, state["slow"])


def _inverse_log(beta: float) -> float:
    """1 / ln beta, and its limit 0 at 0."""
    return 1 / log(beta) if beta else 0.0
