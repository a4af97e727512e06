"""Decay by the root of the epoch."""

from dataclasses import dataclass
from math import sqrt

from optbench.contract.components import Progress, Schedule, hyper


@dataclass(frozen=True)
class InverseSqrtEpoch(Schedule):
    """The rate over the root of the epoch's number.

    factor = k / sqrt(epoch),  epoch = 1 for the first
    """

    name = "inverse-sqrt-epoch"
    reference = "Ng 2017, Improving Deep Neural Networks, week 2 (DeepLearning.AI)"
    k: float = hyper(1.0, low=0.1, high=10, scale="log", valid="[0, inf)", priority=3, help="factor at first")

    def factor(self, progress: Progress) -> float:
        return self.k / sqrt(progress.epoch + 1)
