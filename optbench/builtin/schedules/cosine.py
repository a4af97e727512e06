"""Cosine decay."""

from dataclasses import dataclass
from math import cos, pi

from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a period of a cosine, from 1 to `end`.

    factor = end + (1 - end) (1 + cos(pi f)) / 2,  f = the share of the budget that is spent
    """

    name = "cosine"
    reference = "Loshchilov and Hutter 2017, SGDR: Stochastic Gradient Descent with Warm Restarts"
    end: float = hyper(0.0, low=0.0, high=0.2, valid="[0, 1]", priority=3, help="factor at the end")

    def factor(self, progress: Progress) -> float:
        return self.end + (1 - self.end) * (1 + cos(pi * min(progress.fraction, 1.0))) / 2
