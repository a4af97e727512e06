"""Layer normalization."""

from dataclasses import dataclass

from optbench.contract.layer import Layer, Op, Parameter, Shape, Wires
from optbench.nn.batch_norm import scale_and_shift
from optbench.nn.example_norm import ExampleNormOp


@dataclass(frozen=True)
class LayerNorm(Layer):
    """y = gamma (x - mu) / sqrt(sigma^2 + epsilon) + beta, over all features of each example by itself.

    Of images: over height, width and channels, with one gamma and one beta a channel. (Ba et al. 2016.)
    """

    epsilon: float = 1e-5
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return scale_and_shift(shape)

    def op(self, wires: Wires) -> Op:
        return ExampleNormOp(wires, groups=1, centre=True, epsilon=self.epsilon)
