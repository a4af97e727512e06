"""Decay by the root of the step."""

from dataclasses import dataclass
from math import sqrt

from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class InverseSqrtStep(Schedule):
    """The rate over the root of the step's number.

    factor = k / sqrt(t),  t = 1 for the first step
    """

    name = "inverse-sqrt-step"
    reference = "Ng 2017, Improving Deep Neural Networks, week 2 (DeepLearning.AI); Zinkevich 2003"
    k: float = hyper(1.0, low=0.1, high=10, scale="log", valid="[0, inf)", priority=3, help="factor at first")

    def factor(self, progress: Progress) -> float:
        return self.k / sqrt(progress.step + 1)
