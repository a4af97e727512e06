"""Flatten: images to rows of features."""

from dataclasses import dataclass
from math import prod

from optbench.contract.layer import Layer, Op, Shape, Wires
from optbench.nn.activations import IdentityOp


@dataclass(frozen=True)
class Flatten(Layer):
    """(batch, height, width, channels) to (batch, channels height width), channels first as in memory.

    It costs nothing: the layers before and behind it share one buffer.
    """

    view = True
    any_order = True

    def output(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def op(self, wires: Wires) -> Op:
        return IdentityOp(wires)
