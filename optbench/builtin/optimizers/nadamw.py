"""NAdam with decoupled weight decay."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.nadam import NAdam
from optbench.builtin.optimizers.settings import weight_decay
from optbench.contract.components import State
from optbench.contract.context import Context


@dataclass(frozen=True)
class NAdamW(NAdam):
    """NAdam, with the parameters shrunk before each step, apart from the gradient.

        w <- (1 - lr decay) w
        w <- w - NAdam's step

    As torch.optim.NAdam with decoupled_weight_decay. A large `psi` leaves out the warm-up of the momentum: then it is
    optax.nadamw, which AlgoPerf tunes.
    """

    name = "nadamw"
    reference = (
        "Dozat 2016, Incorporating Nesterov Momentum into Adam; "
        "Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization"
    )
    special_cases = (("nadam", {"decay": 0.0}),)
    decay: float = weight_decay(0.01, 1e-4, 1)

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        params *= 1 - self.lr * context.factor * self.decay
        super().step(params, grads, state, context)
