"""Problems without dataset and network that are no analytic functions: gradients that are sampled."""

from optbench.builtin.problems.bandit import Bandit
from optbench.contract.problem import Problem

ALL: list[type[Problem]] = [Bandit]

__all__ = ["ALL", "Bandit"]
