"""Inner products of an example's vectors with each other."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import FixedOp, Layer, Op, Shape, Wires, memory


@dataclass(frozen=True)
class PairwiseProducts(Layer):
    """y = [<a_1, a_2>, <a_1, a_3>, …, <a_(n-1), a_n>] for x = [a_1, …, a_n], n vectors of `units` one behind the other.

    With `keep_last`, a_n follows behind the products, as it is: DLRM's interaction, where it comes from the values.
    (Naumov et al. 2019, Deep learning recommendation model for personalization and recommendation systems.)
    """

    units: int
    keep_last: bool = False
    reads_output = False

    def vectors(self, shape: Shape) -> int:
        """How many vectors an example has."""
        if len(shape) != 1 or shape[0] % self.units or shape[0] < 2 * self.units:
            raise OptbenchError(
                f"products of vectors of {self.units} units need at least two, got inputs of shape {shape}"
            )
        return shape[0] // self.units

    def output(self, shape: Shape) -> Shape:
        n = self.vectors(shape)
        return (n * (n - 1) // 2 + self.units * self.keep_last,)

    def op(self, wires: Wires) -> Op:
        return PairwiseProductsOp(wires, self)


class PairwiseProductsOp(FixedOp):
    def __init__(self, wires: Wires, layer: PairwiseProducts):
        super().__init__(wires)
        stack, batch, width = wires.x.shape
        n, units = layer.vectors((width,)), layer.units

        def by_vector(array: np.ndarray) -> np.ndarray:
            return memory(array).reshape(stack, n, units, batch, copy=False)

        a, y = by_vector(wires.x), memory(wires.y)
        products = n * (n - 1) // 2
        each = np.zeros((stack, n - 1, units, batch), y.dtype)
        # Of one vector with all behind it at a time.
        ends = np.cumsum(range(n - 1, 0, -1)).tolist()
        pairs = [(i, slice(end - (n - 1 - i), end)) for i, end in enumerate(ends)]
        for i, place in pairs:
            some = each[:, : n - 1 - i]
            self.ahead += [
                partial(np.multiply, a[:, i, None], a[:, i + 1 :], some),
                partial(np.add.reduce, some, 2, None, y[:, place]),
            ]
        if layer.keep_last:
            self.ahead.append(partial(np.copyto, y[:, products:], a[:, -1]))
        if wires.dx is None or wires.dy is None:
            return
        dy, da = memory(wires.dy), by_vector(wires.dx)
        self.back = [partial(np.copyto, da[:, -1], dy[:, products:] if layer.keep_last else y.dtype.type(0))]
        # From the last but one: its gradient by those behind it is the first that it gets.
        for i, place in reversed(pairs):
            some, weights = each[:, : n - 1 - i], dy[:, place, None]
            self.back += [
                partial(np.multiply, weights, a[:, i + 1 :], some),
                partial(np.add.reduce, some, 1, None, da[:, i]),
                partial(np.multiply, weights, a[:, i, None], some),
                partial(np.add, da[:, i + 1 :], some, da[:, i + 1 :]),
            ]
