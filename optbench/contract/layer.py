"""What a layer is: a frozen description, and the op that it becomes once its buffers are known.

A `Layer` says which tensors it needs and which shape it gives. `Network.bind` then makes the buffers for one
batch shape and calls `layer.op(wires)` once. The op keeps its arrays, so that a training step calls
`forward` and `backward` without an argument to check, an attribute to look up or an array to make.

All arrays have the shape (stack, rows, *features), with a row for each example of the batch, or for each position of
each example (a token of a text, a patch of an image, a node of a graph): row b x positions + t is position t of example
b. So what acts on every position alike (products, normalizers, activations, dropout) need not know of positions, and
those few layers that do (`Layer.positions`) open an example into them, mix them, or close it again. Where "batch" is
said of an op's arrays, it counts rows. A stack of trials is the leading axis, and a solo trial is a stack of one. An
op works on the trailing axes and never mixes trials of the stack.
They are stored with the rows as the fastest axis, and channels before height and width, so that they are
views with moved axes: elementwise arithmetic then runs over one contiguous block, sums over classes or over a
channel run over whole rows, windows of an image are long runs of memory, and `memory(x)` gives the block itself
to a matrix product. Only the inputs of the network may lie otherwise, for a layer that says `any_order`.
"""

from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import TypeVar

import numpy as np

#: of activations, without the axes of stack and batch: (units,) or (height, width, channels)
Shape = tuple[int, ...]
#: what a pass does, in order
Calls = list[Callable[[], object]]


@dataclass(frozen=True)
class Parameter:
    """A tensor that a layer asks for; the network gives it a place in the flat vector. See `Tensor`."""

    name: str
    shape: Shape
    role: str
    fan_in: int = 1
    fan_out: int = 1
    part: str = ""
    start: tuple[float, ...] = ()


@dataclass
class Wires:
    """Everything an op is connected to. Gradients and `dx` are None where nobody needs them.

    x, y        input and output (stack, batch, *features); for a `wide` layer x has one more column, of ones
    dx, dy      the gradients of the loss by x and by y; never wide
    flat        the layer's own parameters (stack, size), in the order in which it declared them
    params      the same as views by name, (stack, *shape)
    state       running statistics by name (stack, *shape): changed by a fresh training pass only
    memory      what must stay fixed within a step (a dropout mask), shared with extra gradient evaluations
    rngs        one generator a row of the stack
    positions   how many rows of x belong to one example
    given       the network's inputs (stack, batch, *shape), for layers behind the first that read a part of them, too
                (the edges of a graph); None where the first `rebinds`
    """

    x: np.ndarray
    y: np.ndarray
    dx: np.ndarray | None
    dy: np.ndarray | None
    flat: np.ndarray
    flat_grads: np.ndarray | None
    params: dict[str, np.ndarray]
    grads: dict[str, np.ndarray]
    state: MutableMapping[str, np.ndarray]
    memory: MutableMapping[str, np.ndarray]
    rngs: list[np.random.Generator]
    positions: int = 1
    given: np.ndarray | None = None


class Op:
    """A layer at work on fixed buffers."""

    def __init__(self, wires: Wires):
        self.wires = wires

    def forward(self, training: bool, fresh: bool) -> None:
        """Fill y from x.

        `training` chooses batch statistics and dropout over running statistics and none. `fresh` draws new
        masks and updates running statistics; it is false when a gradient is evaluated again within a step.
        """
        raise NotImplementedError

    def backward(self) -> None:
        """Fill the gradients, and dx where it is wanted, from dy and what the last forward pass left."""
        raise NotImplementedError

    def forward_calls(self, training: bool, fresh: bool) -> "Calls":
        """`forward` as calls without arguments. A graph asks once, and goes through the calls at each step."""
        return [partial(self.forward, training, fresh)]

    def backward_calls(self) -> "Calls":
        """`backward` in the same way."""
        return [self.backward]

    def input_calls(self) -> "Calls":
        """What depends on the network's inputs alone: calls that come before `forward_calls` where these have changed.

        Full-batch training makes them once.
        """
        return []

    def added_loss(self) -> np.ndarray | None:
        """What it adds to the mean loss of each row of the stack, (stack,), by the last forward pass; None: nothing.

        Asked only where somebody wants the loss. Its gradient is the op's own to add, in `backward`.
        """
        return None

    def inside(self) -> Sequence["Op"]:
        """The ops of the layers that its layer holds, in their order."""
        return ()


class ReadyOp(Op):
    """An op that gives its passes as calls, by `forward_calls` and `backward_calls` alone."""

    def forward(self, training: bool, fresh: bool) -> None:
        for call in [*self.input_calls(), *self.forward_calls(training, fresh)]:
            call()

    def backward(self) -> None:
        for call in self.backward_calls():
            call()


class FixedOp(ReadyOp):
    """An op whose passes are the same NumPy calls at every step.

    It makes them once, with their arrays, in `ahead` and `back`: a step then goes from one NumPy call to the next
    without a line of Python between them, which is 6 % of a step of a small network. Those of `ahead` that depend on
    the network's inputs alone stand in `once` instead.
    """

    def __init__(self, wires: Wires):
        super().__init__(wires)
        self.once: Calls = []
        self.ahead: Calls = []
        self.back: Calls = []

    def input_calls(self) -> "Calls":
        return self.once

    def forward_calls(self, training: bool, fresh: bool) -> "Calls":
        return self.ahead

    def backward_calls(self) -> "Calls":
        return self.back


class Layer:
    """The description of a layer: a frozen dataclass whose fields are its settings."""

    #: the op wants a trailing column of ones in x (a bias folded into its product)
    wide = False
    #: the op may get y = x and dy = dx, and is right even so
    inplace = False
    #: the op does nothing: its output is its input's memory under another shape
    view = False
    #: the op's backward pass reads y: then the next layer may not write over it
    reads_output = True
    #: an activation that never falls as its input grows
    monotone = False
    #: its outputs are hidden activations already: normalizers and dropout are placed behind it
    recurrent = False
    #: as the first layer, it takes inputs that lie example by example
    any_order = False
    #: as the first layer, its op keeps no array of its own: it is bound to every batch of inputs ahead
    rebinds = False
    #: it is a network of its own: it says of its weights which of them give the logits
    whole = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """The tensors this layer trains, for inputs of this shape (no batch axis)."""
        return ()

    def own_values(self, shape: Shape, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """First values of its tensors by name, where it draws them itself; others are for the initializer."""
        return {}

    def initial(self, shape: Shape) -> dict[str, np.ndarray]:
        """Running statistics at the start, by name (batch norm's mean and variance)."""
        return {}

    def output(self, shape: Shape) -> Shape:
        """The shape of its outputs for inputs of this shape (no batch axis)."""
        return shape

    def positions(self, shape: Shape, positions: int) -> int:
        """How many rows of its outputs belong to one example, for inputs of this shape with so many."""
        return positions

    def op(self, wires: Wires) -> Op:
        raise NotImplementedError

    def inside(self) -> Sequence["Layer"]:
        """The layers that it holds, if it is a block of them."""
        return ()


Held = TypeVar("Held", Layer, Op)


def unfolded(items: Iterable[Held]) -> Iterator[Held]:
    """Layers or ops, each followed by those inside."""
    for item in items:
        yield item
        yield from unfolded(item.inside())


def memory(array: np.ndarray) -> np.ndarray:
    """(stack, batch, …, features) as it lies in memory: (stack, features, …, batch)."""
    last = array.ndim - 1
    return array.transpose(0, last, *range(2, last), 1)


def by_channel(array: np.ndarray) -> np.ndarray:
    """(stack, batch, …, channels) as (stack, channels, … x batch): a view of a buffer, one row a channel."""
    block = memory(array)
    return block.reshape(*block.shape[:2], -1, copy=False)


def flat_buffer(stack: int, batch: int, units: int, wide: bool, dtype: np.dtype) -> np.ndarray:
    """A buffer (stack, batch, units) stored batch-fastest; a wide one has a last column of ones."""
    block = np.zeros((stack, units + wide, batch), dtype)
    if wide:
        block[:, units] = 1
    return memory(block)


def shaped(flat: np.ndarray, shape: Shape) -> np.ndarray:
    """A view (stack, batch, *shape) of a flat buffer (stack, batch, units or wider), channels first in it."""
    narrow = flat[..., : prod(shape)]
    if len(shape) == 1:
        return narrow
    parts = narrow.reshape(*flat.shape[:2], shape[-1], *shape[:-1], copy=False)
    return np.moveaxis(parts, 2, -1)
