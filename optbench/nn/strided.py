"""What makes images smaller within a residual network: strided convolutions, and the mean over all positions."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import Calls, FixedOp, Layer, Op, Parameter, Shape, Wires, memory
from optbench.nn.convolution import by_line, check_image, flat_lines, product


@dataclass(frozen=True)
class StridedConvolution(Layer):
    """Every other row and column of a 3x3 convolution: y[h, w] is what `Convolution` gives at [2 h, 2 w].

    Height and width are halved, rounded up. Only what is kept is computed.
    """

    channels: int
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        check_image(shape, "a convolution")
        inputs = shape[-1]
        return (
            Parameter("weight", (3, 3, inputs, self.channels), "weight", 9 * inputs, 9 * self.channels),
            Parameter("bias", (self.channels,), "bias", 9 * inputs, 9 * self.channels),
        )

    def output(self, shape: Shape) -> Shape:
        check_image(shape, "a convolution")
        return (*halved(shape), self.channels)

    def op(self, wires: Wires) -> Op:
        return StridedConvolutionOp(wires)


class StridedConvolutionOp(FixedOp):
    """The patches of a line, (9 C + 1, half the width x batch), are copied together, above a row of ones.

    The gradient by x is a product for each line, whose rows are added to where the patches were taken from.
    """

    def __init__(self, wires: Wires):
        super().__init__(wires)
        stack, batch, height, width, inputs = wires.x.shape
        rows, columns, outputs = wires.y.shape[2:]
        dtype = wires.x.dtype
        patches = np.zeros((stack, rows, 9 * inputs + 1, columns * batch), dtype)
        patches[:, :, 9 * inputs] = 1
        taken = patches[:, :, : 9 * inputs].reshape(stack, rows, 3, 3, inputs, columns, batch, copy=False)
        x = by_line(wires.x)
        pairs = [
            (taken[:, a, i, j, :, b], x[:, c, :, d])
            for i, (a, c) in enumerate(places(height))
            for j, (b, d) in enumerate(places(width))
        ]
        # Bias below weight, as they lie in the flat vector.
        joint = wires.flat.reshape(stack, 1, -1, outputs)
        self.ahead = [partial(np.copyto, *pair) for pair in pairs]
        self.ahead += product(joint.swapaxes(2, 3), patches, flat_lines(wires.y))
        if wires.dy is None or wires.flat_grads is None:
            return
        dy = flat_lines(wires.dy)
        each = np.zeros((stack, rows, 9 * inputs + 1, outputs), dtype)
        total = wires.flat_grads.reshape(stack, -1, outputs)
        self.back = [partial(np.matmul, patches, dy.swapaxes(2, 3), each), partial(np.add.reduce, each, 1, None, total)]
        if wires.dx is not None:
            spread = np.zeros((stack, rows, 9 * inputs, columns * batch), dtype)
            given = spread.reshape(stack, rows, 3, 3, inputs, columns, batch, copy=False)
            dx = by_line(wires.dx)
            self.back += product(joint[:, :, :-1], dy, spread)
            self.back.append(partial(memory(wires.dx).fill, 0))
            for i, (a, c) in enumerate(places(height)):
                for j, (b, d) in enumerate(places(width)):
                    place = dx[:, c, :, d]
                    self.back.append(partial(np.add, place, given[:, a, i, j, :, b], place))


def halved(shape: Shape) -> Shape:
    """Height and width of every other row and column."""
    return (-(-shape[0] // 2), -(-shape[1] // 2))


def places(length: int) -> list[tuple[slice, slice]]:
    """Of a kernel's taps before, at and behind 0, 2, 4, ...: which outputs have such a place, and the places."""
    count, behind = -(-length // 2), length // 2
    return [
        (slice(1, count), slice(1, 2 * count - 2, 2)),
        (slice(0, count), slice(0, length, 2)),
        (slice(0, behind), slice(1, length, 2)),
    ]


@dataclass(frozen=True)
class Projection(Layer):
    """y[h, w] = x[s h, s w] W + b: a 1x1 convolution with stride s, 1 or 2, the shortcut where shapes differ."""

    channels: int
    stride: int = 1
    reads_output = False

    def __post_init__(self) -> None:
        if self.stride not in (1, 2):
            raise ComponentError(f"a projection: stride must be 1 or 2, got {self.stride}")

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        check_image(shape, "a projection")
        inputs = shape[-1]
        return (
            Parameter("weight", (inputs, self.channels), "weight", inputs, self.channels),
            Parameter("bias", (self.channels,), "bias", inputs, self.channels),
        )

    def output(self, shape: Shape) -> Shape:
        check_image(shape, "a projection")
        return (*(halved(shape) if self.stride == 2 else shape[:2]), self.channels)

    def op(self, wires: Wires) -> Op:
        return ProjectionOp(wires, self.stride)


class ProjectionOp(FixedOp):
    def __init__(self, wires: Wires, stride: int):
        super().__init__(wires)
        count, inputs = len(wires.x), wires.x.shape[-1]
        y = memory(wires.y)
        outputs, positions = y.shape[1], y[0, 0].size
        x = memory(wires.x)[:, :, ::stride, ::stride]
        kept = np.ones((count, inputs + 1, positions), wires.x.dtype)
        joint = wires.flat.reshape(count, inputs + 1, outputs)
        self.ahead = [
            partial(np.copyto, kept[:, :inputs].reshape(x.shape, copy=False), x),
            *product(joint.swapaxes(1, 2), kept, y.reshape(count, outputs, positions, copy=False)),
        ]
        if wires.dy is None or wires.flat_grads is None:
            return
        dy = memory(wires.dy).reshape(count, outputs, positions, copy=False)
        gradient = wires.flat_grads.reshape(count, inputs + 1, outputs)
        self.back = [partial(np.matmul, kept, dy.swapaxes(1, 2), gradient)]
        if wires.dx is None:
            return
        dx = memory(wires.dx)
        if stride == 1:
            self.back += product(joint[:, :-1], dy, dx.reshape(count, inputs, positions, copy=False))
            return
        part = np.zeros((count, inputs, positions), wires.x.dtype)
        self.back += product(joint[:, :-1], dy, part)
        self.back += [
            partial(dx.fill, 0),
            partial(np.copyto, dx[:, :, ::stride, ::stride], part.reshape(x.shape, copy=False)),
        ]


@dataclass(frozen=True)
class GlobalAveragePooling(Layer):
    """The mean of each channel over height and width. (Lin, Chen and Yan 2014, Network in network.)"""

    reads_output = False

    def output(self, shape: Shape) -> Shape:
        check_image(shape, "global average pooling")
        return shape[-1:]

    def op(self, wires: Wires) -> Op:
        return GlobalAveragePoolingOp(wires)


class GlobalAveragePoolingOp(FixedOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        x, y = memory(wires.x), memory(wires.y)
        stack, channels, height, width, batch = x.shape
        # A mean is a product with ones.
        ones = np.full((1, height * width), 1 / (height * width), x.dtype)
        flat = x.reshape(stack, channels, height * width, batch, copy=False)
        self.ahead = [partial(np.matmul, ones, flat, y[:, :, None])]
        if wires.dx is not None and wires.dy is not None:
            share = np.array(1 / (height * width), x.dtype)
            dx = memory(wires.dx)
            self.back: Calls = [
                partial(np.multiply, memory(wires.dy)[:, :, None, None], share, dx),
            ]
