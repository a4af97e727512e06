"""Root-mean-square normalization."""

from dataclasses import dataclass

from optbench.contract.layer import Layer, Op, Parameter, Shape, Wires
from optbench.nn.example_norm import ExampleNormOp


@dataclass(frozen=True)
class RMSNorm(Layer):
    """y = gamma x / sqrt(mean(x^2) + epsilon), over all features of each example; no mean, no shift.

    Of images: over height, width and channels, with one gamma a channel. (Zhang and Sennrich 2019.)
    """

    epsilon: float = 1e-5
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return (Parameter("scale", shape[-1:], "scale"),)

    def op(self, wires: Wires) -> Op:
        return ExampleNormOp(wires, groups=1, centre=False, epsilon=self.epsilon)
