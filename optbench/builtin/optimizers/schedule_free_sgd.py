"""Schedule-Free SGD."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.schedule_free import ScheduleFree
from optbench.builtin.optimizers.settings import rate
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class ScheduleFreeSGD(ScheduleFree):
    """SGD whose average takes the place of a schedule: no budget needs to be known beforehand.

        z <- z - lr (g + decay y)        x = y = z at the start; g is taken at y
        x <- x + c (z - x)               c = lr_max^2 / (sum of lr_max^2 so far), 1 / t at a constant rate
        y  = z + beta (x - z)

    x is evaluated. beta = 0 is SGD with its iterates' mean for the result, beta = 1 primal averaging. A warm-up
    is a schedule's task; a rate that decays defeats the idea.
    """

    name = "schedule-free-sgd"
    reference = "Defazio et al. 2024, The Road Less Scheduled"
    lr: float = rate(1.0, 1e-3, 10)
    beta: float = hyper(
        0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1]", help="where between z and x gradients are taken"
    )
    decay: float = hyper(0.0, valid="[0, inf)", priority=3, help="L2 penalty at y")

    def invariances(self) -> tuple[str, ...]:
        return ("rotation",)

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        if self.decay:
            axpy(self.decay, params, grads)
        self.advance(params, grads, state, self.lr * context.factor, self.beta)
