"""A network's body between an embedding and a head that is the embedding's own table."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, Layer, Op, Parameter, ReadyOp, Shape, Wires, memory
from optbench.nn.chain import Chain
from optbench.nn.embedding import Embedding
from optbench.nn.held import bound_within, flat_view, initial_within, parameters_within, prefix


@dataclass(frozen=True)
class Tied(Layer):
    """z[t] = E' h[t] with h = body(embedding(x)) and E' the first `outputs` rows of the embedding's table.

    Class k is token k, and there is no bias; both uses of the table add to its gradient. (Press and Wolf 2017, Using
    the output embedding to improve language models; GPT-2's head.)
    """

    embedding: Embedding
    body: tuple[Layer, ...]
    outputs: int
    any_order = True
    reads_output = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", tuple(self.body))
        if self.outputs > self.embedding.vocabulary:
            raise OptbenchError(
                f"a tied head has a class for each token: at most {self.embedding.vocabulary}, got {self.outputs}"
            )

    def chain(self, shape: Shape) -> Chain:
        chain = Chain((self.embedding, *self.body), shape)
        if chain.shapes[-1] != (self.embedding.units,):
            raise OptbenchError(
                f"a tied head reads the {self.embedding.units} units of its embedding, but the body ends in features "
                f"of shape {chain.shapes[-1]}"
            )
        return chain

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return parameters_within("tied", self.chain(shape))

    def initial(self, shape: Shape) -> dict[str, np.ndarray]:
        return initial_within("tied", self.chain(shape))

    def output(self, shape: Shape) -> Shape:
        return (self.outputs,)

    def positions(self, shape: Shape, positions: int) -> int:
        return self.chain(shape).positions[-1]

    def op(self, wires: Wires) -> Op:
        return TiedOp(wires, self)

    def inside(self) -> Sequence[Layer]:
        return (self.embedding, *self.body)


class TiedOp(ReadyOp):
    def __init__(self, wires: Wires, layer: Tied):
        super().__init__(wires)
        chain = layer.chain(wires.x.shape[2:])
        self.bound = bound_within("tied", chain, wires, wires.x, flat_view(wires.x), None)
        name, units = prefix("tied", 0, layer.embedding) + "table", layer.embedding.units
        head, h = wires.params[name][:, : layer.outputs], memory(self.bound.y)[:, :units]
        self.head: Calls = [partial(np.matmul, head, h, memory(wires.y))]
        self.front: Calls = []
        self.end: Calls = []
        if wires.dy is None or self.bound.dy is None:
            return
        dy, grads = memory(wires.dy), wires.grads[name][:, : layer.outputs]
        # The embedding fills the table's gradient last: the head's part waits until then.
        by_head = np.zeros(grads.shape, wires.x.dtype)
        self.front = [
            partial(np.matmul, dy, h.swapaxes(1, 2), by_head),
            partial(np.matmul, head.swapaxes(1, 2), dy, memory(self.bound.dy)[:, :units]),
        ]
        self.end = [partial(np.add, grads, by_head, grads)]

    def forward_calls(self, training: bool, fresh: bool) -> Calls:
        inner = [call for op in self.bound.ops for call in op.forward_calls(training, fresh)]
        return [*inner, *self.head]

    def backward_calls(self) -> Calls:
        inner = [call for op in reversed(self.bound.ops) for call in op.backward_calls()]
        return [*self.front, *inner, *self.end]

    def inside(self) -> Sequence[Op]:
        return self.bound.ops
