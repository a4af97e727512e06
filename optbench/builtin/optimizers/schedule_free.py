"""What the Schedule-Free methods share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.contract.components import Optimizer, State

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class ScheduleFree(Optimizer):
    """A method of three iterates: z steps, x averages z, and gradients are taken at y between the two.

        z <- z - lr d                                       d: the base method's direction at y
        x <- x + c (z - x),  c = lr_max^2 / (sum of lr_max^2 so far)
        y  = z + beta (x - z)

    x is evaluated; y is what is trained on. All three are kept, so that a constraint can hold each of them: x
    computed back from y and z would leave the set.
    """

    def init(self, params: np.ndarray, layout: "Layout") -> State:
        return {"rate": 0.0, "weights": 0.0, "x": params.copy(), "z": params.copy()}

    def advance(
        self,
        params: np.ndarray,
        direction: np.ndarray,
        state: State,
        rate: float,
        beta: float,
        times: float = 1.0,
    ) -> None:
        """The three lines above; `params` is y, and d is `times` the direction."""
        x, z = state["x"], state["z"]
        state["rate"] = max(state["rate"], rate)
        weight = state["rate"] ** 2
        state["weights"] += weight
        axpy(-rate * times, direction, z)
        share = weight / state["weights"] if weight > 0 else 0.0
        away = np.subtract(z, x, out=params)
        axpy(share, away, x)
        # z - x is now (1 - share) times what it was.
        away *= -beta * (1 - share)
        axpy(1.0, z, params)

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        return state["x"]

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return [params, state["x"], state["z"]]
