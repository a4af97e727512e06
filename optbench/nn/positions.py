"""What opens an image into positions, tells them apart, mixes them, and closes an example again."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import FixedOp, Layer, Op, Parameter, Shape, Wires, memory
from optbench.nn.convolution import check_image


def opened(array: np.ndarray, positions: int) -> np.ndarray:
    """(stack, features, batch, positions): a view of rows (stack, batch x positions, features)."""
    block = memory(array)
    return block.reshape(*block.shape[:2], -1, positions, copy=False)


@dataclass(frozen=True)
class Patches(Layer):
    """An image (height, width, channels) as its squares of `size` x `size`, row by row: each is a position with
    channels x size x size features, channels first. (Dosovitskiy et al. 2021, An image is worth 16x16 words.)
    """

    size: int
    any_order = True
    reads_output = False

    def output(self, shape: Shape) -> Shape:
        self._check(shape)
        return (shape[2] * self.size**2,)

    def positions(self, shape: Shape, positions: int) -> int:
        self._check(shape)
        return (shape[0] // self.size) * (shape[1] // self.size)

    def op(self, wires: Wires) -> Op:
        return PatchesOp(wires, self.size)

    def _check(self, shape: Shape) -> None:
        check_image(shape, "patches")
        height, width, _ = shape
        if height % self.size or width % self.size:
            raise OptbenchError(f"patches of {self.size}x{self.size} do not tile images of {height}x{width}")


class PatchesOp(FixedOp):
    def __init__(self, wires: Wires, size: int):
        super().__init__(wires)
        stack, batch, height, width, channels = wires.x.shape
        down, across = height // size, width // size

        def squares(image: np.ndarray) -> np.ndarray:
            """(stack, channels, size, size, batch, down, across)."""
            parts = image.reshape(stack, batch, down, size, across, size, channels, copy=False)
            return parts.transpose(0, 6, 3, 5, 1, 2, 4)

        def rows(array: np.ndarray) -> np.ndarray:
            return memory(array).reshape(stack, channels, size, size, batch, down, across, copy=False)

        self.ahead = [partial(np.copyto, rows(wires.y), squares(wires.x))]
        if wires.dx is not None and wires.dy is not None:
            self.back = [partial(np.copyto, squares(wires.dx), rows(wires.dy))]


@dataclass(frozen=True)
class Places(Layer):
    """y[t] = x[t] + P[t] for each of an example's `count` positions; P (count, units) is learned."""

    count: int
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        units = shape[-1]
        return (Parameter("places", (self.count, units), "weight", units, units, "embedding"),)

    def op(self, wires: Wires) -> Op:
        return PlacesOp(wires, self.count)


class PlacesOp(FixedOp):
    def __init__(self, wires: Wires, count: int):
        super().__init__(wires)
        if wires.positions != count:
            raise OptbenchError(f"{count} places are learned, but an example has {wires.positions} positions")
        places = wires.params["places"].swapaxes(1, 2)[:, :, None]
        self.ahead = [partial(np.add, opened(wires.x, count), places, opened(wires.y, count))]
        if wires.dy is not None and wires.flat_grads is not None:
            self.back = [partial(np.add.reduce, opened(wires.dy, count), 2, None, wires.grads["places"].swapaxes(1, 2))]
            if wires.dx is not None:
                self.back.append(partial(np.copyto, memory(wires.dx), memory(wires.dy)))


@dataclass(frozen=True)
class SwapPositions(Layer):
    """Positions become features, and features positions: y[i, t] = x[t, i], for examples of `count` positions.

    A product behind it mixes the positions, each feature by itself. (Tolstikhin et al. 2021, MLP-Mixer.)
    """

    count: int
    reads_output = False

    def output(self, shape: Shape) -> Shape:
        return (self.count,)

    def positions(self, shape: Shape, positions: int) -> int:
        return shape[-1]

    def op(self, wires: Wires) -> Op:
        return SwapPositionsOp(wires, self.count)


class SwapPositionsOp(FixedOp):
    def __init__(self, wires: Wires, count: int):
        super().__init__(wires)
        if wires.positions != count:
            raise OptbenchError(f"{count} positions are to be swapped, but an example has {wires.positions}")
        features = wires.x.shape[2]
        self.ahead = [partial(np.copyto, opened(wires.y, features), opened(wires.x, count).swapaxes(1, 3))]
        if wires.dx is not None and wires.dy is not None:
            self.back = [partial(np.copyto, opened(wires.dx, count), opened(wires.dy, features).swapaxes(1, 3))]


@dataclass(frozen=True)
class MeanOverPositions(Layer):
    """The mean of each feature over an example's positions, which closes it: it has one row again."""

    reads_output = False

    def positions(self, shape: Shape, positions: int) -> int:
        return 1

    def op(self, wires: Wires) -> Op:
        return MeanOverPositionsOp(wires)


class MeanOverPositionsOp(FixedOp):
    def __init__(self, wires: Wires):
        super().__init__(wires)
        x, y = opened(wires.x, wires.positions), memory(wires.y)
        # A mean is a product with ones.
        share = 1 / wires.positions
        self.ahead = [partial(np.vecdot, x, np.full(wires.positions, share, x.dtype), y)]
        if wires.dx is not None and wires.dy is not None:
            dx, dy = opened(wires.dx, wires.positions), memory(wires.dy)
            self.back = [partial(np.multiply, dy[..., None], np.array(share, x.dtype), dx)]
