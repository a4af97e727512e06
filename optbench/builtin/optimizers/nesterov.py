"""Nesterov's accelerated gradient."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.components import Context, Optimizer, State, hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """Momentum that looks one step ahead, in the form of Sutskever et al. that needs no gradient elsewhere.

        v <- beta v + g        v = 0 at the start
        w <- w - lr (g + beta v)

    w is the look-ahead point at which the gradient is taken. The velocity is a sum, as in "heavy-ball" and
    torch.
    """

    name = "nesterov"
    reference = "Nesterov 1983; Sutskever et al. 2013, On the Importance of Initialization and Momentum"
    special_cases = (("sgd", {"beta": 0.0}),)
    lr: float = hyper(0.01, low=1e-4, high=1, scale="log", valid="[0, inf)", help="learning rate")
    beta: float = hyper(
        0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1)", help="share of the velocity that is kept"
    )

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"velocity": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        v = state["velocity"]
        rate = self.lr * context.factor
        v *= self.beta
        v += grads
        grads *= rate
        params -= grads
        np.multiply(v, rate * self.beta, out=grads)
        params -= grads
