"""The embedding: a vector for each token, looked up."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import FixedOp, Layer, Op, Parameter, Shape, Wires, memory

if TYPE_CHECKING:
    from scipy.sparse import csc_array


@dataclass(frozen=True)
class Embedding(Layer):
    """y[t] = E[x[t]] for each of an example's tokens, which become its positions; with P[t] added where `places`.

    x (batch, times) holds class numbers below `vocabulary`, E is (vocabulary, units), P (times, units). For an
    initializer a table has as many inputs as units: under LeCun's, vectors have unit length on average (Vaswani et
    al. 2017 before their scaling). The gradient is 0 for tokens that do not occur in the batch.
    """

    vocabulary: int
    units: int
    places: bool = False
    any_order = True
    reads_output = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        if len(shape) != 1:
            raise OptbenchError(f"an embedding reads tokens (times,), got inputs of shape {shape}")
        table = Parameter("table", (self.vocabulary, self.units), "weight", self.units, self.units, "embedding")
        if not self.places:
            return (table,)
        return (table, Parameter("places", (*shape, self.units), "weight", self.units, self.units, "embedding"))

    def output(self, shape: Shape) -> Shape:
        return (self.units,)

    def positions(self, shape: Shape, positions: int) -> int:
        return shape[0]

    def op(self, wires: Wires) -> Op:
        return EmbeddingOp(wires, self.vocabulary)


class EmbeddingOp(FixedOp):
    def __init__(self, wires: Wires, vocabulary: int):
        super().__init__(wires)
        if wires.dx is not None:
            raise OptbenchError("an embedding must be the first layer: its tokens have no gradient")
        stack, batch, times = wires.x.shape
        rows = batch * times
        lookups = [Lookup(vocabulary, rows) for _ in range(stack)]
        y = memory(wires.y)
        units = y.shape[1]
        found = np.zeros((stack, rows, units), y.dtype)
        tokens = wires.x.reshape(stack, rows, copy=False)
        for lookup, x, table, vectors in zip(lookups, tokens, wires.params["table"], found, strict=True):
            self.ahead += [partial(lookup.read, x), partial(np.take, table, lookup.index, 0, vectors, "clip")]
        places = wires.params.get("places")
        if places is None:
            self.ahead.append(partial(np.copyto, y, found.swapaxes(1, 2)))
        else:
            by_place = found.swapaxes(1, 2).reshape(stack, units, batch, times)
            sums = y.reshape(stack, units, batch, times, copy=False)
            self.ahead.append(partial(np.add, by_place, places.swapaxes(1, 2)[:, :, None], sums))
        if wires.dy is None or wires.flat_grads is None:
            return
        dy = memory(wires.dy)
        if places is not None:
            by_place = dy.reshape(stack, units, batch, times, copy=False)
            self.back.append(partial(np.add.reduce, by_place, 2, None, wires.grads["places"].swapaxes(1, 2)))
        given = np.zeros_like(found)
        self.back.append(partial(np.copyto, given, dy.swapaxes(1, 2)))
        for lookup, vectors, grads in zip(lookups, given, wires.grads["table"], strict=True):
            self.back.append(partial(lookup.add, vectors, grads))


class Lookup:
    """Which rows of a table a batch reads, and the sum of what comes back to each.

    The sum is a product with a sparse matrix, one entry a column, so that it runs over the batch in its order.
    """

    def __init__(self, vocabulary: int, rows: int):
        self.index = np.zeros(rows, np.int32)
        self.shape = (vocabulary, rows)
        self.matrix: csc_array | None = None

    def read(self, tokens: np.ndarray) -> None:
        """The class numbers of the batch, (rows,), as floats hold them."""
        np.copyto(self.index, tokens, casting="unsafe")

    def add(self, vectors: np.ndarray, out: np.ndarray) -> None:
        """out[i] = the sum of the vectors (rows, units) of all places that read row i; 0 where there are none."""
        if self.matrix is None:
            from scipy.sparse import csc_array

            rows = self.shape[1]
            parts = (np.ones(rows, vectors.dtype), self.index, np.arange(rows + 1, dtype=np.int32))
            self.matrix = csc_array(parts, self.shape, copy=False)
        out[...] = self.matrix @ vectors
