"""Group normalization."""

from dataclasses import dataclass

from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import Layer, Op, Parameter, Shape, Wires
from optbench.nn.batch_norm import scale_and_shift
from optbench.nn.example_norm import ExampleNormOp


@dataclass(frozen=True)
class GroupNorm(Layer):
    """y = gamma (x - mu) / sqrt(sigma^2 + epsilon) + beta, over each group of channels of each example.

    Raises `ComponentError` where the groups do not divide the channels. (Wu and He 2018.)
    """

    groups: int = 8
    epsilon: float = 1e-5
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        check_groups(self.groups, shape[-1])
        return scale_and_shift(shape)

    def op(self, wires: Wires) -> Op:
        return ExampleNormOp(wires, groups=self.groups, centre=True, epsilon=self.epsilon)


def check_groups(groups: int, channels: int) -> None:
    """Raise `ComponentError` where the groups do not divide the channels."""
    if channels % groups:
        divisors = ", ".join(str(d) for d in range(1, channels + 1) if channels % d == 0)
        raise ComponentError(
            f"normalizer group-norm: groups = {groups} does not divide the {channels} channels of a hidden layer; "
            f"valid here: {divisors}"
        )
