"""LARS."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.heavy_ball import HeavyBall
from optbench.builtin.optimizers.settings import rate, weight_decay
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.hyperparameters import hyper
from optbench.contract.norms import norm


@dataclass(frozen=True)
class LARS(HeavyBall):
    """Heavy-ball momentum, with each weight tensor's gradient rescaled to a share of the tensor's own norm.

        q  = trust |w| / (|g| + decay |w|)        for each weight tensor; 1 where |w| or |g| is 0
        v <- beta v + q (g + decay w)             v = 0 at the start
        w <- w - lr v

    A tensor without a gradient has none to rescale: it decays at the pace lr decay, while the formula alone
    would have q = trust / decay and shrink it to nothing. Biases and normalizers' scales and shifts have q = 1
    and no decay, as is usual. Since these move at the rate lr itself, the default trust is larger than the
    paper's 0.001, which goes with rates up to 30.
    """

    name = "lars"
    reference = "You, Gitman and Ginsburg 2017, Large Batch Training of Convolutional Networks"
    lr: float = rate(0.1, 1e-3, 10)
    trust: float = hyper(
        0.02, low=1e-4, high=1, scale="log", valid="(0, inf)", priority=2, help="step over weight, at lr 1"
    )
    decay: float = weight_decay(1e-4, 1e-6, 0.1, "weight decay")

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        for tensor in context.layout:
            if tensor.role not in ("weight", "point"):
                continue
            w, g = params[tensor.slice], grads[tensor.slice]
            size, length = norm(w), norm(g)
            axpy(self.decay, w, g)
            if size > 0 and length > 0:
                g *= self.trust * size / (length + self.decay * size)
        super().step(params, grads, state, context)
