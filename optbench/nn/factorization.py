"""Matrix factorization: the entry of a matrix from the vectors of its row and its column."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import FixedOp, Layer, Op, Parameter, Shape, Wires, memory
from optbench.nn.columns import Columns, check_columns


@dataclass(frozen=True)
class Factorization(Layer):
    """y = <p[i], q[j]> + b[i] + c[j] + m for pairs x = (i, j), with i < categories[0] and j < categories[1].

    x (batch, 2) holds class numbers; P (categories[0], outputs x units) and Q (categories[1], outputs x units) have a
    vector of `units` for each output. For an initializer both have `units` inputs. The gradient is 0 for whoever does
    not occur in the batch. (Koren, Bell and Volinsky 2009, Matrix factorization techniques for recommender systems.)
    """

    categories: tuple[int, int]
    units: int
    outputs: int = 1
    any_order = True
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        check_columns(shape, self.categories)
        if shape[0] != 2 or len(self.categories) != 2:
            raise OptbenchError(f"a factorization reads pairs of categories, got {shape[0]} columns")
        width = self.outputs * self.units
        (rows, columns), units = self.categories, self.units
        return (
            Parameter("row_vectors", (rows, width), "weight", units, units, "embedding"),
            Parameter("column_vectors", (columns, width), "weight", units, units, "embedding"),
            Parameter("row_biases", (rows, self.outputs), "bias", units, self.outputs),
            Parameter("column_biases", (columns, self.outputs), "bias", units, self.outputs),
            Parameter("bias", (self.outputs,), "bias", units, self.outputs),
        )

    def output(self, shape: Shape) -> Shape:
        return (self.outputs,)

    def op(self, wires: Wires) -> Op:
        return FactorizationOp(wires, self)


class FactorizationOp(FixedOp):
    def __init__(self, wires: Wires, layer: Factorization):
        super().__init__(wires)
        if wires.dx is not None:
            raise OptbenchError("a factorization must be the first layer: its categories have no gradient")
        outputs, units = layer.outputs, layer.units
        stack, batch, _ = wires.x.shape
        total = sum(layer.categories)
        vectors = slice(0, total * outputs * units)
        biases = slice(vectors.stop, vectors.stop + total * outputs)
        grads = wires.flat_grads
        place = Columns(layer.categories, wires.x)
        found, look_up = place.vectors(wires.flat[:, vectors])
        shifts, look_up_shifts = place.vectors(wires.flat[:, biases])
        pairs = found.reshape(stack, batch, 2, outputs, units)
        p, q = pairs[:, :, 0], pairs[:, :, 1]
        y, z = memory(wires.y), np.zeros((stack, batch, outputs), wires.y.dtype)
        self.ahead = [
            *place.read,
            *look_up,
            *look_up_shifts,
            partial(np.vecdot, p, q, z),
            partial(np.add, z, shifts[:, :, 0], z),
            partial(np.add, z, shifts[:, :, 1], z),
            partial(np.add, z.swapaxes(1, 2), wires.params["bias"][..., None], y),
        ]
        if wires.dy is None or grads is None:
            return
        dy = memory(wires.dy)
        dz = np.zeros_like(z)
        given, add_up = place.sums(grads[:, vectors])
        given_shifts, add_up_shifts = place.sums(grads[:, biases])
        given = given.reshape(pairs.shape)
        self.back = [
            partial(np.copyto, dz.swapaxes(1, 2), dy),
            partial(np.multiply, dz[..., None], q, given[:, :, 0]),
            partial(np.multiply, dz[..., None], p, given[:, :, 1]),
            partial(np.copyto, given_shifts, dz[:, :, None]),
            *add_up,
            *add_up_shifts,
            partial(np.add.reduce, dy, 2, None, wires.grads["bias"]),
        ]
