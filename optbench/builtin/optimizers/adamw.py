"""Adam with decoupled weight decay."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.optimizers.settings import weight_decay
from optbench.contract.components import State
from optbench.contract.context import Context


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam, with the parameters shrunk before each step, apart from the gradient.

        w <- (1 - lr decay) w
        w <- w - Adam's step

    All parameters decay, biases and normalizers' scales too, as torch.optim.AdamW does with one group. An L2
    penalty on Adam is another method: there the decay passes through the division by sqrt(v).
    """

    name = "adamw"
    reference = "Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization"
    special_cases = (("adam", {"decay": 0.0}),)
    decay: float = weight_decay(0.01, 1e-4, 1)

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        rate = self.lr * context.factor
        self.accumulate(grads, state)
        self.descend(params, state["v"], state["scales"]["v"], grads, state, rate, 1 - rate * self.decay)
