"""Group normalization."""

from dataclasses import dataclass

from optbench.components import ComponentError
from optbench.nn.batch_norm import scale_and_shift
from optbench.nn.example_norm import ExampleNormOp
from optbench.nn.layer import Layer, Op, Parameter, Shape, Wires


@dataclass(frozen=True)
class GroupNorm(Layer):
    """y = gamma (x - mu) / sqrt(sigma^2 + epsilon) + beta, over each group of channels of each example by itself.

    Raises `ComponentError` where the groups do not divide the channels. (Wu and He 2018.)
    """

    groups: int = 8
    epsilon: float = 1e-5
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        channels = shape[-1]
        if channels % self.groups:
            divisors = ", ".join(str(d) for d in range(1, channels + 1) if channels % d == 0)
            raise ComponentError(
                f"normalizer group-norm: groups = {self.groups} does not divide the {channels} channels of a "
                f"layer; valid: {divisors}"
            )
        return scale_and_shift(shape)

    def op(self, wires: Wires) -> Op:
        return ExampleNormOp(wires, groups=self.groups, centre=True, epsilon=self.epsilon)
