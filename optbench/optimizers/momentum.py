"""Momentum as an average of gradients."""

from dataclasses import dataclass

import numpy as np

from optbench.components import Context, State, hyper
from optbench.optimizers.sums import Sums


@dataclass(frozen=True)
class Momentum(Sums):
    """Descent along an exponentially weighted average of gradients.

        v <- beta v + (1 - beta) g        v = 0 at the start
        w <- w - lr v

    A step is about as long as one of SGD at the same lr, whatever beta is; "heavy-ball" is the form without
    the factor 1 - beta. There is no bias correction: the first steps are short. The state holds v / (1 -
    beta).
    """

    name = "momentum"
    reference = "Polyak 1964, Some Methods of Speeding Up the Convergence of Iteration Methods"
    special_cases = (("sgd", {"beta": 0.0}),)
    lr: float = hyper(0.1, low=1e-3, high=10, scale="log", valid="[0, inf)", help="learning rate")
    beta: float = hyper(
        0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1)", help="weight of the past in the average"
    )

    def betas(self) -> dict[str, float]:
        return {"velocity": self.beta}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        v = state["velocity"]
        v *= self.beta
        v += grads
        np.multiply(v, self.lr * context.factor * (1 - self.beta), out=grads)
        params -= grads
