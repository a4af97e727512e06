"""Columns of categories: one lookup in the tables of all of them."""

from collections.abc import Sequence
from functools import partial
from itertools import accumulate

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, Shape
from optbench.nn.embedding import Lookup


class Columns:
    """The first columns of x (stack, batch, columns or more), class numbers below `categories` each.

    Their tables have vectors of the same width and lie one behind the other, so that all of a batch's are one lookup.
    `read` are the calls that come before it.
    """

    def __init__(self, categories: Sequence[int], x: np.ndarray):
        self.stack, self.batch, _ = x.shape
        self.count, self.total = len(categories), sum(categories)
        self.lookups = [Lookup(self.total, self.batch * self.count) for _ in range(self.stack)]
        # The row of a column's category 0, for each example: added as whole numbers, which loses none of them.
        first = np.tile(np.array([0, *accumulate(categories[:-1])], np.int32), (self.batch, 1))
        self.read: Calls = []
        for rows, lookup in zip(x[..., : self.count], self.lookups, strict=True):
            index = lookup.index.reshape(self.batch, self.count)
            self.read += [partial(np.copyto, index, rows, casting="unsafe"), partial(np.add, index, first, index)]

    def vectors(self, tables: np.ndarray) -> tuple[np.ndarray, Calls]:
        """A buffer (stack, batch, columns, width), and calls that look up in `tables` (stack, total x width) for it."""
        joint, found = self._joint(tables)
        pairs = zip(self.lookups, joint, found, strict=True)
        calls: Calls = [partial(np.take, table, lookup.index, 0, rows, "clip") for lookup, table, rows in pairs]
        return found.reshape(self.stack, self.batch, self.count, -1), calls

    def sums(self, grads: np.ndarray) -> tuple[np.ndarray, Calls]:
        """A buffer of the same form, and calls that add what is in it up, for each category, to `grads`."""
        joint, given = self._joint(grads)
        pairs = zip(self.lookups, given, joint, strict=True)
        calls: Calls = [partial(lookup.add, rows, out) for lookup, rows, out in pairs]
        return given.reshape(self.stack, self.batch, self.count, -1), calls

    def _joint(self, tables: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        joint = tables.reshape(self.stack, self.total, -1, copy=False)
        return joint, np.zeros((self.stack, self.batch * self.count, joint.shape[2]), tables.dtype)


def check_columns(shape: Shape, categories: Sequence[int]) -> None:
    """Raise `OptbenchError` unless inputs of this shape can have so many columns of categories."""
    if not categories:
        raise OptbenchError("an embedding of categories needs at least one column of them")
    if len(shape) != 1 or shape[0] < len(categories):
        raise OptbenchError(
            f"{len(categories)} columns of categories are looked up, but the inputs have shape {shape}: they must be "
            "flat features, categories first"
        )
