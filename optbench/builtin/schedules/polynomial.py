"""Polynomial decay."""

from dataclasses import dataclass

from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Polynomial(Schedule):
    """A power of what is left of the budget.

    factor = end + (1 - end) (1 - f)^power,  f = the share of the budget that is spent
    """

    name = "polynomial"
    reference = "Chen et al. 2018, DeepLab: Semantic Image Segmentation (the 'poly' policy)"
    power: float = hyper(2.0, low=0.5, high=4, scale="log", valid="(0, inf)", priority=3, help="1 is linear")
    end: float = hyper(0.0, low=0.0, high=0.2, valid="[0, 1]", priority=3, help="factor at the end")

    def factor(self, progress: Progress) -> float:
        return self.end + (1 - self.end) * (1 - min(progress.fraction, 1.0)) ** self.power
