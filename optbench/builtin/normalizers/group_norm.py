"""Group norm as a component; the arithmetic is in `optbench.nn.example_norm`."""

from dataclasses import dataclass

from optbench.contract.components import HiddenNormalizer
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Shape
from optbench.nn.group_norm import GroupNorm, check_groups


@dataclass(frozen=True)
class GroupNormalization(HiddenNormalizer):
    """z <- gamma (z - mu) / sqrt(sigma^2 + epsilon) + beta, over each group of channels of each example.

    `groups` must divide the channels (the units, of a dense layer) of every hidden layer. Of float32 activations
    above 1.8e19, whose squares overflow, it makes beta.
    """

    name = "group-norm"
    reference = "Wu and He 2018, Group Normalization"

    groups: int = hyper(8, valid="[1, inf)", priority=2, help="groups that the channels are split into")
    epsilon: float = hyper(1e-5, low=1e-8, high=1e-2, scale="log", valid="(0, inf)", priority=3)

    def layer(self, features: Shape) -> GroupNorm:
        check_groups(self.groups, features[-1])
        return GroupNorm(int(self.groups), self.epsilon)
