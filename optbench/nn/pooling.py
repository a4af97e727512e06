"""2x2 pooling: the greatest or the mean of each square of four. An odd last row or column is left out."""

from dataclasses import dataclass

import numpy as np

from optbench.components import ComponentError
from optbench.nn.convolution import check_image
from optbench.nn.layer import Layer, Op, Shape, Wires, memory


class Pooling(Layer):
    """What both poolings share."""

    def output(self, shape: Shape) -> Shape:
        check_image(shape, "2x2 pooling")
        height, width, channels = shape
        if height < 2 or width < 2:
            raise ComponentError(
                f"2x2 pooling needs images of at least 2x2, got {height}x{width}: pool less often"
            )
        return (height // 2, width // 2, channels)


class PoolingOp(Op):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        self.y = memory(wires.y)
        self.corners = corners(memory(wires.x))
        if wires.dx is not None and wires.dy is not None:
            self.dy = memory(wires.dy)
            dx = memory(wires.dx)
            self.dcorners = corners(dx)
            # Outside every square: no gradient, whatever a layer in place has left there.
            self.edges = [dx[:, :, 2 * self.y.shape[2] :], dx[:, :, :, 2 * self.y.shape[3] :]]
            self.edges = [edge for edge in self.edges if edge.size]

    def clear_edges(self) -> None:
        for edge in self.edges:
            edge.fill(0)


def corners(block: np.ndarray) -> list[np.ndarray]:
    """The four members of every square of a (stack, channels, height, width, batch) block, row by row."""
    height, width = block.shape[2] // 2 * 2, block.shape[3] // 2 * 2
    return [block[:, :, i:height:2, j:width:2] for i in (0, 1) for j in (0, 1)]


@dataclass(frozen=True)
class MaxPooling(Pooling):
    """y = the greatest of the four, which gets the gradient: the first in row order where several are equal."""

    def op(self, wires: Wires) -> Op:
        return MaxPoolingOp(wires)


class MaxPoolingOp(PoolingOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        if wires.dx is not None:
            self.is_top = np.zeros_like(self.y, dtype=bool)
            self.rest = np.zeros_like(self.y)

    def forward(self, training: bool, fresh: bool) -> None:
        a, b, c, d = self.corners
        np.maximum(a, b, out=self.y)
        np.maximum(self.y, c, out=self.y)
        np.maximum(self.y, d, out=self.y)

    def backward(self) -> None:
        if self.wires.dx is None:
            return
        # What is left of dy once an earlier corner took it is exactly 0, so that equal corners share nothing.
        left = self.dy
        for corner, dcorner in zip(self.corners[:3], self.dcorners[:3], strict=True):
            np.equal(corner, self.y, out=self.is_top)
            np.multiply(left, self.is_top, out=dcorner)
            np.subtract(left, dcorner, out=self.rest)
            left = self.rest
        self.dcorners[3][...] = left
        self.clear_edges()


@dataclass(frozen=True)
class AveragePooling(Pooling):
    """y = the mean of the four; each gets a quarter of the gradient."""

    reads_output = False

    def op(self, wires: Wires) -> Op:
        return AveragePoolingOp(wires)


class AveragePoolingOp(PoolingOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        self.quarter = np.zeros_like(self.y) if wires.dx is not None else None

    def forward(self, training: bool, fresh: bool) -> None:
        a, b, c, d = self.corners
        np.add(a, b, out=self.y)
        np.add(self.y, c, out=self.y)
        np.add(self.y, d, out=self.y)
        np.multiply(self.y, 0.25, out=self.y)

    def backward(self) -> None:
        if self.wires.dx is None:
            return
        assert self.quarter is not None
        np.multiply(self.dy, 0.25, out=self.quarter)
        for dcorner in self.dcorners:
            dcorner[...] = self.quarter
        self.clear_edges()
