"""Decay by the inverse of time."""

from dataclasses import dataclass

from optbench.contract.components import Progress, Schedule, hyper


@dataclass(frozen=True)
class InverseTime(Schedule):
    """The rate over a number that grows by `decay` an epoch.

    factor = 1 / (1 + decay * epoch),  epoch = 0 during the first
    """

    name = "inverse-time"
    reference = "Ng 2017, Improving Deep Neural Networks, week 2 (DeepLearning.AI)"
    decay: float = hyper(
        1.0, low=1e-3, high=10, scale="log", valid="[0, inf)", priority=3, help="growth of the divisor an epoch"
    )

    def factor(self, progress: Progress) -> float:
        return 1 / (1 + self.decay * progress.epoch)
