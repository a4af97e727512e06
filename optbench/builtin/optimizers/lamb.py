"""LAMB."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.settings import epsilon, rate, weight_decay
from optbench.contract.components import State
from optbench.contract.context import Context
from optbench.contract.norms import norm


@dataclass(frozen=True)
class LAMB(Adam):
    """Adam's step with decay, made as long in each weight tensor as the tensor itself, times lr.

        r  = m' / (sqrt(v') + eps) + decay w        m', v' as in "adam"
        w <- w - lr (|w| / |r|) r

    |w| / |r| is taken over each weight tensor, and is 1 where either norm is 0. Biases and normalizers'
    scales and shifts take Adam's step, without decay and ratio, as in the authors' code. The paper's bounds of
    |w| are left out.
    """

    name = "lamb"
    reference = "You et al. 2020, Large Batch Optimization for Deep Learning: Training BERT in 76 Minutes"
    lr: float = rate(0.01, 1e-4, 1)
    eps: float = epsilon(1e-6, 1e-10, 1e-3)
    decay: float = weight_decay(0.01, 1e-4, 1, "weight decay within r")

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        self.accumulate(grads, state)
        t, rate = state["t"], self.lr * context.factor
        one, two = (1 - self.beta1**t, 1 - self.beta2**t) if self.bias_correction else (1.0, 1.0)
        c = sqrt(two / (1 - self.beta2))
        scales = state["scales"]
        root = sqrt(scales["v"])
        np.sqrt(state["v"], out=grads)
        grads += self.eps * c / root
        np.divide(state["m"], grads, out=grads)
        grads *= (1 - self.beta1) * c / one * scales["m"] / root
        for tensor in context.layout:
            ratio = 1.0
            w, r = params[tensor.slice], grads[tensor.slice]
            if tensor.role in ("weight", "point"):
                axpy(self.decay, w, r)
                size, length = norm(w), norm(r)
                if size > 0 and length > 0:
                    ratio = size / length
            axpy(-rate * ratio, r, w)
