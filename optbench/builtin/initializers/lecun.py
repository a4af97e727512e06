"""LeCun's initialization: keeps the variance of activations through linear layers."""

from dataclasses import dataclass

from optbench.builtin.initializers.variance import NormalLaw


@dataclass(frozen=True)
class LeCunNormal(NormalLaw):
    """w ~ N(0, 1 / fan_in): a sum of fan_in terms has the variance of one input."""

    name = "lecun-normal"
    reference = "LeCun et al. 1998, Efficient BackProp, section 4.6"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1 / fan_in
