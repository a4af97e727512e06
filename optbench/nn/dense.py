"""The dense layer: y = x W + b."""

from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np

from optbench.contract.layer import FixedOp, Layer, Op, Parameter, Shape, Wires, memory


@dataclass(frozen=True)
class Dense(Layer):
    """y = x W + b, with x (batch, inputs), W (inputs, units), b (units,).

    The bias follows its weight in the flat vector, so that both are one (inputs + 1, units) matrix, and x
    comes with a column of ones: one product gives x W + b, and one gives both gradients.
    """

    units: int
    wide = True
    any_order = True
    rebinds = True
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        inputs = prod(shape)
        return (
            Parameter("weight", (inputs, self.units), "weight", inputs, self.units),
            Parameter("bias", (self.units,), "bias", inputs, self.units),
        )

    def output(self, shape: Shape) -> Shape:
        return (self.units,)

    def op(self, wires: Wires) -> Op:
        return DenseOp(wires)


class DenseOp(FixedOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        stack, _, columns = wires.x.shape
        joint = wires.flat.reshape(stack, columns, -1)
        x_t = wires.x.swapaxes(1, 2)
        self.ahead = [partial(np.matmul, joint.swapaxes(1, 2), x_t, memory(wires.y))]
        if wires.dy is not None and wires.flat_grads is not None:
            joint_grads = wires.flat_grads.reshape(stack, columns, -1)
            self.back = [partial(np.matmul, x_t, wires.dy, joint_grads)]
        if wires.dx is not None and wires.dy is not None:
            # An outer product is one pass of arithmetic, which BLAS takes several times as long for.
            product = np.multiply if joint.shape[2] == 1 else np.matmul
            self.back.append(partial(product, joint[:, :-1], memory(wires.dy), memory(wires.dx)))
