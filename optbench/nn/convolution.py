"""The 3x3 convolution that keeps height and width (zeros beyond the edges)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import as_strided

from optbench.components import ComponentError
from optbench.nn.layer import Layer, Op, Parameter, Shape, Wires, by_channel, memory


@dataclass(frozen=True)
class Convolution(Layer):
    """y[h, w, o] = b[o] + sum over i, j, c of x[h + i - 1, w + j - 1, c] W[i, j, c, o], with W (3, 3, C, O).

    All 3x3 patches are gathered into one matrix (9 C + 1, positions) whose last row is ones. The bias follows
    its weight in the flat vector, so that one product gives y and one gives both gradients; the gradient by x is
    one product and nine shifted sums. (LeCun et al. 1989; a cross-correlation, as everywhere in deep learning.)
    """

    channels: int
    any_order = True
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
        return (*shape[:-1], self.channels)

    def op(self, wires: Wires) -> Op:
        return ConvolutionOp(wires)


#: Without a backward pass patches are gathered and used in parts of about so many bytes, which stay in cache.
PART = 2**20


class ConvolutionOp(Op):
    #: the window's centre first: it covers everything, so that dx needs no zeros beforehand
    SHIFTS: ClassVar = sorted(((i, j) for i in range(3) for j in range(3)), key=lambda s: s != (1, 1))

    def __init__(self, wires: Wires):
        super().__init__(wires)
        stack, batch, height, width, inputs = wires.x.shape
        rows, dtype = 9 * inputs, wires.x.dtype
        self.x_m = memory(wires.x)
        padded = np.zeros((stack, inputs, height + 2, width + 2, batch), dtype)
        self.inside = padded[:, :, 1:-1, 1:-1]
        s_stack, s_channel, s_row, s_column, s_batch = padded.strides
        self.windows = as_strided(
            padded,
            (stack, 3, 3, inputs, height, width, batch),
            (s_stack, s_row, s_column, s_channel, s_row, s_column, s_batch),
            writeable=False,
        )
        backward = wires.dy is not None
        line = width * batch
        lines = height if backward else max(1, min(height, PART // ((rows + 1) * line * dtype.itemsize)))
        self.patches = np.ones((stack, rows + 1, lines * line), dtype)
        self.parts = [self._part(first, min(first + lines, height)) for first in range(0, height, lines)]
        joint = wires.flat.reshape(stack, rows + 1, -1, copy=False)
        self.joint_t = joint.swapaxes(1, 2)
        if wires.dy is not None and wires.flat_grads is not None:
            self.dy_m = by_channel(wires.dy)
            self.dy_t = self.dy_m.swapaxes(1, 2)
            self.joint_grads = wires.flat_grads.reshape(stack, rows + 1, -1, copy=False)
        if wires.dx is not None and wires.dy is not None:
            self.weight = joint[:, :rows]
            self.spread = np.zeros((stack, rows, height * line), dtype)
            self.sums = self._sums(memory(wires.dx), self.spread.reshape(self.windows.shape, copy=False))

    def _part(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """For these lines of the image: where patches are gathered to and from, their matrix, and its outputs."""
        windows = self.windows[:, :, :, :, first:last]
        outputs = memory(self.wires.y)[:, :, first:last]
        outputs = outputs.reshape(*outputs.shape[:2], -1, copy=False)
        patches = self.patches[:, :, : outputs.shape[2]]
        return patches[:, :-1].reshape(windows.shape, copy=False), windows, patches, outputs

    def _sums(self, dx: np.ndarray, spread: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """(part of dx, what is added to it) for each place in the window, edges cut off."""
        height, width = dx.shape[2:4]
        pairs = []
        for i, j in self.SHIFTS:
            to_rows, from_rows = overlap(i, height)
            to_columns, from_columns = overlap(j, width)
            pairs.append((dx[:, :, to_rows, to_columns], spread[:, i, j, :, from_rows, from_columns]))
        return pairs

    def forward(self, training: bool, fresh: bool) -> None:
        self.inside[...] = self.x_m
        for gathered, windows, patches, outputs in self.parts:
            gathered[...] = windows
            np.matmul(self.joint_t, patches, out=outputs)

    def backward(self) -> None:
        np.matmul(self.patches, self.dy_t, out=self.joint_grads)
        if self.wires.dx is not None:
            np.matmul(self.weight, self.dy_m, out=self.spread)
            (centre, first), *others = self.sums
            centre[...] = first
            for part, added in others:
                np.add(part, added, out=part)


def overlap(place: int, length: int) -> tuple[slice, slice]:
    """Where position p + place - 1 lies within the image: the slices of p + place - 1 and of p."""
    shift = place - 1
    low, high = max(0, -shift), min(length, length - shift)
    return slice(low + shift, high + shift), slice(low, high)


def check_image(shape: Shape, who: str) -> None:
    if len(shape) != 3:
        raise ComponentError(f"{who} needs images (height, width, channels), got features of shape {shape}")
