"""Exponentially weighted averages kept as sums: what most optimizers here have as their state."""

from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.contract.components import Optimizer, State

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


#: A sum's scale is brought back to 1 below this: rarely enough to cost nothing, and far from all limits of float32.
LEAST_SCALE = 1e-3


def shrink(state: State, name: str, beta: float) -> float:
    """s <- beta s, where the state holds s / k with a number k, its scale: beta shrinks k alone. Returns k.

    Then s <- s + x is (s / k) <- (s / k) + x / k.
    """
    scales = state["scales"]
    scale: float = scales[name] * beta
    if scale < LEAST_SCALE:
        state[name] *= scale
        scale = 1.0
    scales[name] = scale
    return scale


class Sums(Optimizer):
    """An optimizer whose averages v <- beta v + (1 - beta) x are kept as s = v / (1 - beta).

    s <- beta s + x saves one pass over the vector a step, since the factor 1 - beta joins the other scalars.

    The price: s means something else under another beta. So the state records the betas that it was made
    with, and a training that is resumed with a changed beta keeps the averages v, not the sums.

    `add` saves the pass that shrinks s, too: see `shrink`.
    """

    def betas(self) -> dict[str, float]:
        """The beta of each sum, by the sum's name in the state."""
        raise NotImplementedError

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        betas = self.betas()
        sums = {name: np.zeros_like(params) for name in betas}
        return {"betas": betas, "scales": dict.fromkeys(betas, 1.0), **sums}

    def add(self, state: State, name: str, x: np.ndarray, times: float = 1.0) -> float:
        """s <- beta s + times x. Returns the scale k: the sum is k state[name]."""
        scale = shrink(state, name, state["betas"][name])
        axpy(times / scale, x, state[name])
        return scale

    def load(self, saved: State, params: np.ndarray, layout: "Layout") -> State:
        state = dict(saved)
        for name, beta in self.betas().items():
            old = saved["betas"].get(name)
            if old is None:  # a setting asks for a sum that was not kept before
                state[name] = np.zeros_like(params)
            elif old != beta:
                state[name] = saved[name] * ((1 - old) / (1 - beta))
        state["betas"] = self.betas()
        state["scales"] = dict.fromkeys(state["betas"], 1.0) | dict(saved.get("scales") or {})
        return state
