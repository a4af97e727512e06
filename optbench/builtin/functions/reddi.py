"""The example on which Adam does not converge."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.function import Function
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Reddi(Function):
    """Linear functions of w in [-1, 1] in turn: Adam goes to the worst point, AMSGrad to the best.

        f_t(w) = large w   where t mod period = 1,   -small w   otherwise       t = 1, 2, …

    or, with `stochastic`, large w with probability 1/period at each step. Evaluations give the average
    regret,

        F(w) = s (w + 1),   s = (large - (period - 1) small) / period,

    which is least, 0, at w = -1, as long as s is above 0. The theorem is for Adam with beta1 = 0 and beta2
    = 1/(1 + large^2), 0.1 for the default, at a constant rate or one that falls as 1/sqrt(t): it converges
    to w = +1. The paper's experiments, with beta1 = 0.9 and beta2 = 0.99, are large = 1010, small = 10,
    period = 101.
    """

    name = "reddi"
    reference = "Reddi, Kale and Kumar 2018, theorem 1 (deterministic), theorem 3 (stochastic), section 5"
    start = (0.0,)
    minima = ((-1.0,),)
    large: float = hyper(3.0, valid="(0, inf)", help="the rare slope, C in the paper")
    small: float = hyper(1.0, valid="[0, inf)", help="the frequent slope, downwards")
    period: int = hyper(3, valid="[2, inf)", help="the rare slope comes once in so many steps")
    stochastic: bool = hyper(False, help="whether it comes at random")

    def value_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator
    ) -> tuple[float, np.ndarray]:
        rare = rng.random() * self.period < 1 if self.stochastic else step % self.period == 0
        slope = self.large if rare else -self.small
        return slope * float(w[0]), np.array([slope])

    def value(self, w: np.ndarray) -> float:
        return self.mean_slope * (float(w[0]) + 1)

    @property
    def mean_slope(self) -> float:
        return (self.large - (self.period - 1) * self.small) / self.period

    def project(self, w: np.ndarray) -> None:
        np.clip(w, -1, 1, out=w)
