"""Exponentially weighted averages kept as sums: what most optimizers here have as their state."""

from typing import TYPE_CHECKING

import numpy as np

from optbench.components import Optimizer, State

if TYPE_CHECKING:
    from optbench.nn.layout import Layout


class Sums(Optimizer):
    """An optimizer whose averages v <- beta v + (1 - beta) x are kept as s = v / (1 - beta).

    s <- beta s + x saves one pass over the vector a step, since the factor 1 - beta joins the other scalars.

    The price: s means something else under another beta. So the state records the betas that it was made
    with, and a training that is resumed with a changed beta keeps the averages v, not the sums.
    """

    def betas(self) -> dict[str, float]:
        """The beta of each sum, by the sum's name in the state."""
        raise NotImplementedError

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        betas = self.betas()
        return {"betas": betas, **{name: np.zeros_like(params) for name in betas}}

    def load(self, saved: State, params: np.ndarray, layout: "Layout") -> State:
        state = dict(saved)
        for name, beta in self.betas().items():
            old = saved["betas"][name]
            if old != beta:
                state[name] = saved[name] * ((1 - old) / (1 - beta))
        state["betas"] = self.betas()
        return state
