"""A table's categories as vectors that are learned, beside its values."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, Layer, Op, Parameter, ReadyOp, Shape, Wires, memory
from optbench.nn.chain import BoundChain, Chain
from optbench.nn.columns import Columns, check_columns
from optbench.nn.held import bound_within, initial_within, parameters_within


@dataclass(frozen=True)
class CategoryEmbedding(Layer):
    """y = [E1[x1], …, EK[xK], f(v)]: a vector for each of an example's categories, and what `body` makes of its values.

    x (batch, K + values) holds class numbers in its first K = len(categories) columns, the k-th below categories[k],
    and values v behind them; Ek is (categories[k], units). Without a body values stay as they are. For an initializer
    a table has as many inputs as units. The gradient is 0 for categories that do not occur in the batch. (Guo and
    Berkhahn 2016, Entity embeddings of categorical variables.)
    """

    categories: tuple[int, ...]
    units: int
    body: tuple[Layer, ...] = ()
    any_order = True
    reads_output = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", tuple(self.categories))
        object.__setattr__(self, "body", tuple(self.body))

    def chain(self, shape: Shape) -> Chain:
        """The layers that the values go through."""
        return Chain(self.body, (shape[0] - len(self.categories),))

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        check_columns(shape, self.categories)
        if self.body and shape[0] == len(self.categories):
            raise OptbenchError(f"there are layers for values, but all {shape[0]} columns are categories")
        tables = (
            Parameter(f"table{number}", (n, self.units), "weight", self.units, self.units, "embedding")
            for number, n in enumerate(self.categories)
        )
        if not self.body:
            return tuple(tables)
        return (*tables, *parameters_within("body", self.chain(shape)))

    def initial(self, shape: Shape) -> dict[str, np.ndarray]:
        return initial_within("body", self.chain(shape))

    def output(self, shape: Shape) -> Shape:
        (behind,) = self.chain(shape).shapes[-1]
        return (len(self.categories) * self.units + behind,)

    def op(self, wires: Wires) -> Op:
        return CategoryEmbeddingOp(wires, self)

    def inside(self) -> Sequence[Layer]:
        return self.body


class CategoryEmbeddingOp(ReadyOp):
    def __init__(self, wires: Wires, layer: CategoryEmbedding):
        super().__init__(wires)
        if wires.dx is not None:
            raise OptbenchError("an embedding must be the first layer: its categories have no gradient")
        columns, total = len(layer.categories), sum(layer.categories)
        width, size = columns * layer.units, total * layer.units
        stack, batch, _ = wires.x.shape
        y, dy = memory(wires.y), None if wires.dy is None else memory(wires.dy)

        def by_feature(vectors: np.ndarray) -> np.ndarray:
            return vectors.reshape(stack, batch, width, copy=False).swapaxes(1, 2)

        place = Columns(layer.categories, wires.x)
        found, look_up = place.vectors(wires.flat[:, :size])
        self.start: Calls = [*place.read, *look_up, partial(np.copyto, y[:, :width], by_feature(found))]
        self.merge: Calls = []
        self.part: Calls = []
        self.end: Calls = []
        self.bodies: list[BoundChain] = []
        if dy is not None and wires.flat_grads is not None:
            given, add_up = place.sums(wires.flat_grads[:, :size])
            self.end = [partial(np.copyto, by_feature(given), dy[:, :width]), *add_up]
        values = wires.x[..., columns:]
        if not values.shape[-1]:
            return
        if not layer.body:
            self.start.append(partial(np.copyto, y[:, width:], values.swapaxes(1, 2)))
            return
        chain = layer.chain(wires.x.shape[2:])
        flat = chain.buffer(0, stack, batch, wires.x.dtype)
        narrow = flat[..., : values.shape[-1]]
        first = flat if chain.layers[0].wide else narrow
        body = bound_within("body", chain, wires, first, flat, None, slice(size, None))
        self.bodies = [body]
        self.start.append(partial(np.copyto, narrow, values))
        self.merge = [partial(np.copyto, y[:, width:], memory(body.y))]
        if dy is not None and body.dy is not None:
            self.part = [partial(np.copyto, memory(body.dy), dy[:, width:])]

    def forward_calls(self, training: bool, fresh: bool) -> Calls:
        inner = [call for body in self.bodies for op in body.ops for call in op.forward_calls(training, fresh)]
        return [*self.start, *inner, *self.merge]

    def backward_calls(self) -> Calls:
        inner = [call for body in self.bodies for op in reversed(body.ops) for call in op.backward_calls()]
        return [*self.part, *inner, *self.end]

    def inside(self) -> Sequence[Op]:
        return [op for body in self.bodies for op in body.ops]
