"""The constant rate."""

from dataclasses import dataclass

from optbench.contract.components import Schedule
from optbench.contract.context import Progress


@dataclass(frozen=True)
class Constant(Schedule):
    """The rate that the optimizer has.

    factor = 1
    """

    name = "constant"
    reference = "Robbins and Monro 1951, A Stochastic Approximation Method"

    def factor(self, progress: Progress) -> float:
        return 1.0
