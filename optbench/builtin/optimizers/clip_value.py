"""Gradient clipping by value."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.heavy_ball import HeavyBall
from optbench.builtin.optimizers.wrapper import Wrapper
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class ClipValue(Wrapper):
    """The inner optimizer, with each coordinate of the gradient held in an interval.

        g <- min(max(g, -limit), limit)
        w <- the inner optimizer's step from g

    Unlike "clip-norm" it changes the gradient's direction.
    """

    name = "clip-value"
    reference = "Mikolov 2012, Statistical Language Models Based on Neural Networks"
    special_cases = (("inner", {"limit": float("inf")}),)
    inner: Optimizer = HeavyBall()  # noqa: RUF009 - a frozen component is a value
    limit: float = hyper(
        0.1, low=1e-3, high=10, scale="log", valid="(0, inf]", priority=2, help="largest absolute value"
    )

    def invariances(self) -> tuple[str, ...]:
        return ()

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        np.clip(grads, -self.limit, self.limit, out=grads)
        super().step(params, grads, state, context)
