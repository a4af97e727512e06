"""Adam."""

from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.moments import Moments
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Adam(Moments):
    """Momentum over the root of an average of squared gradients, both corrected for their start at 0.

        m <- beta1 m + (1 - beta1) g        m = v = 0 at the start
        v <- beta2 v + (1 - beta2) g^2
        w <- w - lr m' / (sqrt(v') + eps),  m' = m / (1 - beta1^t), v' = v / (1 - beta2^t), t = 1, 2, ...

    Without `bias_correction`, m' = m and v' = v. For Adam with L2 add the penalty "l2"; that is not "adamw".

    In terms of the sums M = m / (1 - beta1) and V = v / (1 - beta2) that the state holds, and with
    c = sqrt((1 - beta2^t) / (1 - beta2)), a step is

        w <- w - (lr (1 - beta1) / (1 - beta1^t) c) M / (sqrt(V) + c eps)

    so that the corrections cost no pass over the vector. Nor does it cost one that the state holds M and V divided by
    their scales.
    """

    name = "adam"
    reference = "Kingma and Ba 2015, Adam: A Method for Stochastic Optimization"
    # Choi et al. 2019: where eps is far above every root, the division is by a constant.
    special_cases: ClassVar[tuple[tuple[Any, ...], ...]] = (
        ("momentum", {"eps": 1e12, "lr": 1e11, "beta1": 0.7}, {"lr": 0.1, "beta": 0.7}),
    )
    bias_correction: bool = hyper(True, priority=3, help="correct m and v for their start at 0")

    def invariances(self) -> tuple[str, ...]:
        return ("scale",)

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        self.accumulate(grads, state)
        self.descend(params, state["v"], state["scales"]["v"], grads, state, self.lr * context.factor)

    def accumulate(self, grads: np.ndarray, state: State) -> None:
        """Count the step and update both sums; `grads` is used up."""
        state["t"] += 1
        self.add(state, "m", grads)
        np.multiply(grads, grads, grads)
        self.add(state, "v", grads)

    def descend(
        self,
        params: np.ndarray,
        squares: np.ndarray,
        scale: float,
        work: np.ndarray,
        state: State,
        rate: float,
        keep: float = 1.0,
    ) -> None:
        """Move `keep` times the parameters; `scale` times `squares` is the sum V, or what takes its place."""
        t, root = state["t"], sqrt(scale)
        one, two = (1 - self.beta1**t, 1 - self.beta2**t) if self.bias_correction else (1.0, 1.0)
        c = sqrt(two / (1 - self.beta2))
        np.sqrt(squares, work)
        np.add(work, self.eps * c / root, work)
        np.divide(state["m"], work, work)
        if keep != 1:
            params *= keep
        axpy(-rate * (1 - self.beta1) * c / one * state["scales"]["m"] / root, work, params)
