"""Gradient clipping by norm."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.heavy_ball import HeavyBall
from optbench.builtin.optimizers.wrapper import Wrapper
from optbench.contract.components import Optimizer, State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import norm


@dataclass(frozen=True)
class ClipNorm(Wrapper):
    """The inner optimizer, with gradients shortened to a largest norm.

        g <- g min(1, limit / |g|)
        w <- the inner optimizer's step from g

    |g| is the norm over all parameters, penalties' gradients included.
    """

    name = "clip-norm"
    reference = "Pascanu, Mikolov and Bengio 2013, On the Difficulty of Training Recurrent Neural Networks"
    special_cases = (("inner", {"limit": float("inf")}),)
    inner: Optimizer = HeavyBall()  # noqa: RUF009 - a frozen component is a value
    limit: float = hyper(
        1.0, low=0.01, high=100, scale="log", valid="(0, inf]", priority=2, help="largest norm"
    )

    def invariances(self) -> tuple[str, ...]:
        return tuple(name for name in super().invariances() if name != "scale")

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        length = norm(grads)
        if length > self.limit:
            grads *= self.limit / length
        super().step(params, grads, state, context)
