"""Layers on jets: a value with its first and second derivative by one coordinate, all three carried along.

A jet's features are (3, units): the values, the first and the second derivatives. In memory the three of a unit follow
each other, (stack, units, 3, batch), so that a product of all three with one matrix is a single product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.layer import Calls, FixedOp, Layer, Op, Parameter, Shape, Wires, by_channel, memory


@dataclass(frozen=True)
class JetDense(Layer):
    """y = x W + b, y' = x' W, y'' = x'' W, with x, x', x'' (batch, inputs), W (inputs, units), b (units,)."""

    units: int
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        inputs = shape[-1]
        return (
            Parameter("weight", (inputs, self.units), "weight", inputs, self.units),
            Parameter("bias", (self.units,), "bias", inputs, self.units),
        )

    def output(self, shape: Shape) -> Shape:
        return (3, self.units)

    def op(self, wires: Wires) -> Op:
        return JetDenseOp(wires)


class JetDenseOp(FixedOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        weight, x, y = wires.params["weight"], by_channel(wires.x), by_channel(wires.y)
        values = memory(wires.y)[:, :, 0]
        self.ahead = [
            partial(np.matmul, weight.swapaxes(1, 2), x, y),
            partial(np.add, values, wires.params["bias"][..., None], values),
        ]
        if wires.dy is None or not wires.grads:
            return
        dy = by_channel(wires.dy)
        self.back = [
            partial(np.matmul, x, dy.swapaxes(1, 2), wires.grads["weight"]),
            partial(np.add.reduce, memory(wires.dy)[:, :, 0], 2, None, wires.grads["bias"]),
        ]
        if wires.dx is not None:
            self.back.append(partial(np.matmul, weight, dy, by_channel(wires.dx)))


@dataclass(frozen=True)
class JetActivation(Layer):
    """y = g(x), y' = g'(x) x', y'' = g''(x) x'^2 + g'(x) x'', for g = `name`, "tanh" or "sine"."""

    name: str = "tanh"
    reads_output = False

    def op(self, wires: Wires) -> Op:
        return JetActivationOp(wires, DERIVATIVES[self.name])


class JetActivationOp(FixedOp):
    """With g1, g2, g3 for the derivatives of g, the way back is

    dx = g1 dy + g2 x' dy' + (g3 x'^2 + g2 x'') dy'',   dx' = g1 dy' + 2 g2 x' dy'',   dx'' = g1 dy''.
    """

    def __init__(self, wires: Wires, derivatives: "Derivatives"):
        super().__init__(wires)
        x, first, second = parts(wires.x)
        y, y_first, y_second = parts(wires.y)
        goes_back = wires.dx is not None and wires.dy is not None
        g1, g2, g3, slant, work = (np.zeros(x.shape, x.dtype) for _ in range(5))
        self.ahead = [
            *derivatives(x, y, g1, g2, g3 if goes_back else None),
            partial(np.multiply, g1, first, y_first),
            partial(np.multiply, g2, first, slant),
            partial(np.multiply, slant, first, y_second),
            partial(np.multiply, g1, second, work),
            partial(np.add, y_second, work, y_second),
        ]
        if wires.dx is None or wires.dy is None:
            return
        dx, dx_first, dx_second = parts(wires.dx)
        dy, dy_first, dy_second = parts(wires.dy)
        # (g3 x'^2 + g2 x'') dy'' + g2 x' dy' comes about in the place of g3.
        self.back = [
            partial(np.multiply, g3, first, g3),
            partial(np.multiply, g3, first, g3),
            partial(np.multiply, g2, second, work),
            partial(np.add, g3, work, g3),
            partial(np.multiply, g3, dy_second, g3),
            partial(np.multiply, slant, dy_first, work),
            partial(np.add, g3, work, g3),
            partial(np.multiply, g1, dy, dx),
            partial(np.add, dx, g3, dx),
            partial(np.multiply, slant, dy_second, work),
            partial(np.add, work, work, work),
            partial(np.multiply, g1, dy_first, dx_first),
            partial(np.add, dx_first, work, dx_first),
            partial(np.multiply, g1, dy_second, dx_second),
        ]


def parts(jets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, first and second derivatives of jets (stack, batch, 3, units): views (stack, units, batch)."""
    block = memory(jets)
    return block[:, :, 0], block[:, :, 1], block[:, :, 2]


#: x, then where g and its first three derivatives go (the third where it is wanted) -> the calls that fill them
Derivatives = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray | None], Calls]


def tanh(x: np.ndarray, y: np.ndarray, g1: np.ndarray, g2: np.ndarray, g3: np.ndarray | None) -> Calls:
    """g1 = 1 - y^2, g2 = -2 y g1, g3 = (4 - 6 g1) g1, as -2 g1^2 + 4 y^2 g1 with y^2 = 1 - g1."""
    one, two, four, six = (np.array(number, x.dtype) for number in (1, -2, 4, 6))
    calls: Calls = [
        partial(np.tanh, x, y),
        partial(np.multiply, y, y, g1),
        partial(np.subtract, one, g1, g1),
        partial(np.multiply, y, two, g2),
        partial(np.multiply, g2, g1, g2),
    ]
    if g3 is None:
        return calls
    return [
        *calls,
        partial(np.multiply, g1, six, g3),
        partial(np.subtract, four, g3, g3),
        partial(np.multiply, g3, g1, g3),
    ]


def sine(x: np.ndarray, y: np.ndarray, g1: np.ndarray, g2: np.ndarray, g3: np.ndarray | None) -> Calls:
    """g1 = cos x, g2 = -y, g3 = -g1."""
    calls: Calls = [partial(np.sin, x, y), partial(np.cos, x, g1), partial(np.negative, y, g2)]
    return calls if g3 is None else [*calls, partial(np.negative, g1, g3)]


DERIVATIVES: dict[str, Derivatives] = {"tanh": tanh, "sine": sine}
