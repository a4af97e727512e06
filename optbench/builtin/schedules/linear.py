"""Linear decay."""

from dataclasses import dataclass

from optbench.contract.components import Schedule
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Linear(Schedule):
    """A straight line from 1 to `end`.

    factor = 1 - (1 - end) f,  f = the share of the budget that is spent
    """

    name = "linear"
    reference = "Defazio et al. 2023, When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement"
    end: float = hyper(0.0, low=0.0, high=0.2, valid="[0, 1]", priority=3, help="factor at the end")

    def factor(self, progress: Progress) -> float:
        return 1 - (1 - self.end) * min(progress.fraction, 1.0)
