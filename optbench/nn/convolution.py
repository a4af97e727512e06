"""The 3x3 convolution that keeps height and width (zeros beyond the edges)."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import as_strided

from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import Calls, FixedOp, Layer, Op, Parameter, Shape, Wires


@dataclass(frozen=True)
class Convolution(Layer):
    """y[h, w, o] = b[o] + sum over i, j, c of x[h + i - 1, w + j - 1, c] W[i, j, c, o], with W (3, 3, C, O).

    It is computed line by line as a product with the line's patches, the bias as the weight of a row of ones; the
    gradient by x is a product and three shifted sums. (LeCun et al. 1989; a cross-correlation, as everywhere in
    deep learning.)
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


class ConvolutionOp(FixedOp):
    """Every line of the image is kept three times: shifted to the right, in place, shifted to the left; below lies a
    row of ones. Three neighbouring lines follow each other in memory, so that the patches of a line, (9 C + 3, width x
    batch), are a view: a third of the memory, and of the copying, that a matrix of all patches takes.
    """

    def __init__(self, wires: Wires):
        super().__init__(wires)
        stack, batch, height, width, inputs = wires.x.shape
        outputs, dtype, line = wires.y.shape[-1], wires.x.dtype, width * batch
        rows = 3 * inputs
        lines = np.zeros((stack, height + 2, rows + 1, line), dtype)
        lines[:, :, rows] = 1
        shifted = lines[:, 1:-1, :rows].reshape(stack, height, 3, inputs, width, batch, copy=False)
        right, centre, left = (shifted[:, :, j] for j in range(3))
        # The weights with a row for each row of ones: the bias in the middle line, 0 in the other two.
        kernel = np.zeros((stack, 3, rows + 1, outputs), dtype)
        kernel_t = kernel.reshape(stack, 1, -1, outputs, copy=False).swapaxes(2, 3)
        weight = wires.params["weight"].reshape(stack, 3, rows, outputs, copy=False)
        patches, x = with_neighbours(lines), by_line(wires.x)
        self.ahead = [
            partial(np.copyto, centre, x),
            partial(np.copyto, right[:, :, :, 1:], x[:, :, :, :-1]),
            partial(np.copyto, left[:, :, :, :-1], x[:, :, :, 1:]),
            partial(np.copyto, kernel[:, :, :rows], weight),
            partial(np.copyto, kernel[:, 1, rows], wires.params["bias"]),
            *product(kernel_t, patches, flat_lines(wires.y)),
        ]
        if wires.dy is not None and wires.grads:
            # A product for each line, and their sum.
            each = np.zeros((stack, height, *kernel[0].shape), dtype)
            total = np.zeros_like(kernel)
            dweight = wires.grads["weight"].reshape(stack, 3, rows, outputs, copy=False)
            joint = each.reshape(stack, height, -1, outputs, copy=False)
            self.back = [
                partial(np.matmul, patches, flat_lines(wires.dy).swapaxes(2, 3), joint),
                partial(np.add.reduce, each, 1, None, total),
                partial(np.copyto, dweight, total[:, :, :rows]),
                partial(np.copyto, wires.grads["bias"], total[:, 1, rows]),
            ]
        if wires.dx is not None and wires.dy is not None:
            self.back += self._by_inputs(wires.params["weight"], wires.dx, flat_lines(wires.dy))

    @staticmethod
    def _by_inputs(weight: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> Calls:
        """dx[h, w] = sum over i, j of W[i, j] dy[h - i + 1, w - j + 1]: over i and o as a product, over j by hand."""
        stack, batch, height, width, inputs = dx.shape
        lines = np.zeros((stack, height + 2, *dy.shape[2:]), dx.dtype)
        # Seen from x, the lines come in reverse order.
        mirrored = weight[:, ::-1].transpose(0, 2, 3, 1, 4)
        kernel = np.zeros(mirrored.shape, dx.dtype)
        spread = np.zeros((stack, height, 3 * inputs, width * batch), dx.dtype)
        # (j, stack, height, C width batch): shifted as a whole, since what passes from one line into the next is 0.
        left, centre, right = np.moveaxis(spread.reshape(stack, height, 3, -1, copy=False), 2, 0)
        columns = spread.reshape(stack, height, 3, inputs, width, batch, copy=False)
        front, back = centre[..., :-batch], centre[..., batch:]
        return [
            partial(np.copyto, lines[:, 1:-1], dy),
            partial(np.copyto, kernel, mirrored),
            *product(kernel.reshape(stack, 1, 3 * inputs, -1, copy=False), with_neighbours(lines), spread),
            partial(columns[:, :, 0, :, 0].fill, 0),
            partial(columns[:, :, 2, :, -1].fill, 0),
            partial(np.add, front, left[..., batch:], front),
            partial(np.add, back, right[..., :-batch], back),
            partial(np.copyto, by_line(dx), columns[:, :, 1]),
        ]


def by_line(array: np.ndarray) -> np.ndarray:
    """(stack, batch, height, width, channels) as a view (stack, height, channels, width, batch)."""
    return array.transpose(0, 2, 4, 3, 1)


def flat_lines(array: np.ndarray) -> np.ndarray:
    """The same as a view (stack, height, channels, width x batch), of an array that lies batch-fastest."""
    lines = by_line(array)
    return lines.reshape(*lines.shape[:3], -1, copy=False)


def with_neighbours(lines: np.ndarray) -> np.ndarray:
    """(stack, height + 2, rows, n) as a view (stack, height, 3 rows, n): each line with those before and behind it."""
    stack, height, rows, n = lines.shape
    return as_strided(lines, (stack, height - 2, 3 * rows, n), lines.strides, writeable=False)


#: OpenBLAS copies larger products' operands before it multiplies them: a fifth of the time of a thin product.
SMALL = 1_000_000


def product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Calls:
    """out = a b as calls of `np.matmul`, with the columns in blocks that keep each product small."""
    columns = b.shape[-1]
    most = SMALL // (a.shape[-2] * a.shape[-1])
    if not 64 <= most < columns:
        return [partial(np.matmul, a, b, out)]
    # As equal as multiples of 16 columns (64 bytes) allow.
    width = -(-columns // -(-columns // most))
    width = min(-(-width // 16) * 16, most // 16 * 16)
    whole = columns // width * width

    def blocks(array: np.ndarray) -> np.ndarray:
        cut = array[..., :whole].reshape(*array.shape[:-1], -1, width, copy=False)
        return cut.swapaxes(-3, -2)

    calls: Calls = [partial(np.matmul, a[..., None, :, :], blocks(b), blocks(out))]
    if whole < columns:
        calls.append(partial(np.matmul, a, b[..., whole:], out[..., whole:]))
    return calls


def check_image(shape: Shape, who: str) -> None:
    if len(shape) != 3:
        raise ComponentError(f"{who} needs images (height, width, channels), got features of shape {shape}")
