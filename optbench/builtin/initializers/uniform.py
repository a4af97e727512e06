"""Uniform weights of one range for all layers."""

from dataclasses import dataclass

from optbench.builtin.initializers.variance import UniformLaw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Uniform(UniformLaw):
    """w ~ U(-limit, limit), of variance limit^2 / 3."""

    name = "uniform"
    reference = "LeCun et al. 1998, Efficient BackProp, section 4.6 (on small random weights)"
    limit: float = hyper(0.05, low=1e-3, high=1, scale="log", valid="[0, inf)", help="largest weight")

    def variance(self, fan_in: int, fan_out: int) -> float:
        return self.limit**2 / 3
