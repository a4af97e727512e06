"""The dense layer: y = x W + b."""

from dataclasses import dataclass
from math import prod

import numpy as np

from optbench.nn.layer import Layer, Op, Parameter, Shape, Wires, memory


@dataclass(frozen=True)
class Dense(Layer):
    """y = x W + b, with x (batch, inputs), W (inputs, units), b (units,).

    The bias follows its weight in the flat vector, so that both are one (inputs + 1, units) matrix, and x
    comes with a column of ones: one product gives x W + b, and one gives both gradients.
    """

    units: int
    wide = True
    any_order = True
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


class DenseOp(Op):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        stack, _, columns = wires.x.shape
        joint = wires.flat.reshape(stack, columns, -1)
        self.joint_t = joint.swapaxes(1, 2)
        self.x_t = wires.x.swapaxes(1, 2)
        self.y_m = memory(wires.y)
        if wires.dy is not None and wires.flat_grads is not None:
            self.dy = wires.dy
            self.joint_grads = wires.flat_grads.reshape(stack, columns, -1)
        if wires.dx is not None and wires.dy is not None:
            self.weight = joint[:, :-1]
            self.dy_m = memory(wires.dy)
            self.dx_m = memory(wires.dx)

    def forward(self, training: bool, fresh: bool) -> None:
        np.matmul(self.joint_t, self.x_t, out=self.y_m)

    def backward(self) -> None:
        np.matmul(self.x_t, self.dy, out=self.joint_grads)
        if self.wires.dx is not None:
            np.matmul(self.weight, self.dy_m, out=self.dx_m)
