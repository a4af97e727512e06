"""Layers on jets: a value with its first and second derivative by one coordinate, all three carried along.

A jet's features are (units, 3): the value, the first and the second derivative of each unit. In memory all values come
first, then all first derivatives, (stack, 3, units, batch): arithmetic on one of the three runs over whole blocks. (A
unit's three side by side would be one product in place of three, of equal cost, and make a step half as long again.)
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.layer import Calls, FixedOp, Layer, Op, Parameter, Shape, Wires, memory


@dataclass(frozen=True)
class JetDense(Layer):
    """y = x W + b, y' = x' W, y'' = x'' W, with x, x', x'' (batch, inputs), W (inputs, units), b (units,)."""

    units: int
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        inputs = shape[0]
        return (
            Parameter("weight", (inputs, self.units), "weight", inputs, self.units),
            Parameter("bias", (self.units,), "bias", inputs, self.units),
        )

    def output(self, shape: Shape) -> Shape:
        return (self.units, 3)

    def op(self, wires: Wires) -> Op:
        return JetDenseOp(wires)


class JetDenseOp(FixedOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        # One matrix for all three: (stack, 1, inputs, units).
        weight, x, y = wires.params["weight"][:, None], memory(wires.x), memory(wires.y)
        values = y[:, 0]
        self.ahead = [
            partial(product(x.shape[2]), weight.swapaxes(2, 3), x, y),
            partial(np.add, values, wires.params["bias"][..., None], values),
        ]
        if wires.dy is None or not wires.grads:
            return
        dy = memory(wires.dy)
        each = np.zeros((*x.shape[:3], y.shape[2]), x.dtype)
        self.back = [
            partial(np.matmul, x, dy.swapaxes(2, 3), each),
            partial(np.add.reduce, each, 1, None, wires.grads["weight"]),
            partial(np.vecdot, dy[:, 0], np.ones(dy.shape[3], dy.dtype), wires.grads["bias"]),
        ]
        if wires.dx is not None:
            self.back.append(partial(product(y.shape[2]), weight, dy, memory(wires.dx)))


def product(columns: int) -> np.ufunc:
    """What multiplies matrices: of a column and a row one pass of arithmetic, which BLAS takes thrice as long for."""
    return np.multiply if columns == 1 else np.matmul


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
    """Values, first and second derivatives of jets (stack, batch, units, 3): views (stack, units, batch)."""
    block = memory(jets)
    return block[:, 0], block[:, 1], block[:, 2]


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
