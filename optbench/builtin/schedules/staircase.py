"""Discrete stages."""

from dataclasses import dataclass

from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Staircase(Schedule):
    """The budget in equal stages, each with a fixed share of the rate of the one before.

    factor = drop^floor(stages * f),  f = the share of the budget that is spent
    """

    name = "staircase"
    reference = "Ng 2017, Improving Deep Neural Networks, week 2 (DeepLearning.AI); He et al. 2016"
    drop: float = hyper(
        0.5, low=0.05, high=0.9, scale="log", valid="(0, 1]", priority=3, help="factor from stage to stage"
    )
    stages: int = hyper(
        4, low=2, high=10, scale="integer", valid="[1, inf)", priority=3, help="number of stages"
    )

    def factor(self, progress: Progress) -> float:
        # In whole numbers: a product of floats can miss the first step of a stage.
        stage = self.stages * progress.step // progress.total_steps
        return self.drop ** min(stage, self.stages - 1)
