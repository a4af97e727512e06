"""Normal weights of one standard deviation for all layers, whatever their width: small, and far too large."""

from dataclasses import dataclass

from optbench.builtin.initializers.variance import NormalLaw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class SmallNormal(NormalLaw):
    """w ~ N(0, std^2), std = 0.01. In deep networks activations and gradients vanish layer by layer."""

    name = "small-normal"
    reference = "Krizhevsky, Sutskever and Hinton 2012, ImageNet Classification with Deep Networks"
    std: float = hyper(0.01, low=1e-3, high=1, scale="log", valid="[0, inf)", help="standard deviation")

    def variance(self, fan_in: int, fan_out: int) -> float:
        return self.std**2


@dataclass(frozen=True)
class LargeNormal(NormalLaw):
    """w ~ N(0, std^2), std = 10, a course's example of what goes wrong: activations explode."""

    name = "large-normal"
    reference = "Ng 2017, Improving Deep Neural Networks, week 1 (DeepLearning.AI)"
    std: float = hyper(10.0, low=1, high=100, scale="log", valid="[0, inf)", help="standard deviation")

    def variance(self, fan_in: int, fan_out: int) -> float:
        return self.std**2
