"""Inverted dropout."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.layer import Layer, Op, Wires, memory


@dataclass(frozen=True)
class Dropout(Layer):
    """y = x d / keep, with d = 1 with probability `keep` and 0 else, for each unit of each example by itself.

    Divided by `keep` in training, y keeps its expectation, and evaluation is y = x. The mask holds through a
    step, for extra gradient evaluations too. (Srivastava et al. 2014.)
    """

    keep: float = 0.8
    reads_output = False

    def op(self, wires: Wires) -> Op:
        return DropoutOp(wires, self.keep)


class DropoutOp(Op):
    def __init__(self, wires: Wires, keep: float):
        super().__init__(wires)
        self.keep = keep
        self.x, self.y = memory(wires.x), memory(wires.y)
        if "mask" not in wires.memory:
            wires.memory["mask"] = np.zeros(self.y.shape, wires.y.dtype)
        self.mask = wires.memory["mask"]
        self.kept = np.zeros(self.y.shape, bool)
        # An array of the dtype: a Python float times booleans would be computed in float64.
        self.factor = np.array(1 / keep, wires.y.dtype)
        if wires.dx is not None and wires.dy is not None:
            self.dx, self.dy = memory(wires.dx), memory(wires.dy)

    def forward(self, training: bool, fresh: bool) -> None:
        if not training:
            self.y[...] = self.x
            return
        if fresh:
            # Row by row, each from its own generator: a row of a stack draws what it would draw alone.
            for row, rng in zip(self.mask, self.wires.rngs, strict=True):
                rng.random(dtype=row.dtype, out=row)
            np.less(self.mask, self.keep, out=self.kept)
            np.multiply(self.kept, self.factor, out=self.mask)
        np.multiply(self.x, self.mask, out=self.y)

    def backward(self) -> None:
        if self.wires.dx is not None:
            np.multiply(self.dy, self.mask, out=self.dx)
