"""2x2 pooling: the greatest or the mean of each square of four. An odd last row or column is left out."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import Calls, FixedOp, Layer, Op, Shape, Wires, memory
from optbench.nn.convolution import check_image


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


class PoolingOp(FixedOp):
    """The four members of every square, each copied to a block of its own.

    NumPy's arithmetic on every other column goes through buffers, run by run; plain copies do not, and what follows
    them runs over whole blocks. In all, that takes a third of the time.
    """

    def __init__(self, wires: Wires):
        super().__init__(wires)
        self.y = memory(wires.y)
        sources = corners(memory(wires.x))
        self.corners = [np.zeros_like(self.y) for _ in sources]
        self.ahead = [partial(np.copyto, *pair) for pair in zip(self.corners, sources, strict=True)]
        if wires.dx is not None and wires.dy is not None:
            dx = memory(wires.dx)
            self.dy, self.places = memory(wires.dy), corners(dx)
            # Outside every square: no gradient, whatever a layer in place has left there.
            edges = [dx[:, :, 2 * self.y.shape[2] :], dx[:, :, :, 2 * self.y.shape[3] :]]
            self.back = [partial(edge.fill, 0) for edge in edges if edge.size]


def corners(block: np.ndarray) -> list[np.ndarray]:
    """The four members of every square of a (stack, channels, height, width, batch) block, row by row."""
    height, width = block.shape[2] // 2 * 2, block.shape[3] // 2 * 2
    return [block[:, :, i:height:2, j:width:2] for i in (0, 1) for j in (0, 1)]


@dataclass(frozen=True)
class MaxPooling(Pooling):
    """y = the greatest of the four, which gets the gradient: the first in row order where several are equal."""

    reads_output = False

    def op(self, wires: Wires) -> Op:
        return MaxPoolingOp(wires)


class MaxPoolingOp(PoolingOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        copy_a, copy_b, copy_c, copy_d = self.ahead
        a, b, c, d = self.corners
        upper, lower = np.zeros_like(a), np.zeros_like(a)
        backward = wires.dx is not None and wires.dy is not None
        # Which one is greater is noted while both are in cache, in a block that is free then.
        self.ahead = [copy_a, copy_b, partial(np.maximum, a, b, out=upper)]
        self.ahead += less(a, b, a) if backward else []
        self.ahead += [copy_c, copy_d, partial(np.maximum, c, d, out=lower)]
        self.ahead += less(c, d, c) if backward else []
        self.ahead += [partial(np.maximum, upper, lower, out=self.y)]
        self.ahead += less(upper, lower, upper) if backward else []
        if backward:
            self.back += share(self.dy, upper, b, lower)
            for d_row, mask, places in ((b, a, self.places[:2]), (lower, c, self.places[2:])):
                self.back += share(d_row, mask, mask, d)
                self.back += [partial(np.copyto, places[0], mask), partial(np.copyto, places[1], d)]


def whole(array: np.ndarray) -> np.ndarray:
    """The same bits as integers."""
    return array.view(np.dtype(f"i{array.itemsize}"))


def less(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Calls:
    """All bits of `out` where a < b, none elsewhere: the sign of a - b, shifted over the whole number."""
    last = np.array(8 * out.itemsize - 1, whole(out).dtype)
    return [partial(np.subtract, a, b, out), partial(np.right_shift, whole(out), last, whole(out))]


def share(d: np.ndarray, mask: np.ndarray, da: np.ndarray, db: np.ndarray) -> Calls:
    """The gradient d of max(a, b), given to b where the mask of a < b is set, and to a elsewhere."""
    # The mask keeps the bits of d or clears them: no comparison whose outcome must be converted.
    return [
        partial(np.bitwise_and, whole(d), whole(mask), whole(db)),
        partial(np.subtract, d, db, da),
    ]


@dataclass(frozen=True)
class AveragePooling(Pooling):
    """y = the mean of the four; each gets a quarter of the gradient."""

    reads_output = False

    def op(self, wires: Wires) -> Op:
        return AveragePoolingOp(wires)


class AveragePoolingOp(PoolingOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        a, b, c, d = self.corners
        quarter = np.array(0.25, self.y.dtype)
        self.ahead += [
            partial(np.add, a, b, self.y),
            partial(np.add, self.y, c, self.y),
            partial(np.add, self.y, d, self.y),
            partial(np.multiply, self.y, quarter, self.y),
        ]
        if wires.dx is not None and wires.dy is not None:
            self.back.append(partial(np.multiply, self.dy, quarter, a))
            self.back += [partial(np.copyto, place, a) for place in self.places]
