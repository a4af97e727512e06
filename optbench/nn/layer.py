"""What a layer is: a frozen description, and the op that it becomes once its buffers are known.

A `Layer` says which tensors it needs and which shape it gives. `Network.bind` then makes the buffers for one
batch shape and calls `layer.op(wires)` once. The op keeps its arrays, so that a training step calls
`forward` and `backward` without an argument to check, an attribute to look up or an array to make.

All arrays have the shape (stack, batch, *features): a stack of trials is the leading axis, and a solo trial
is a stack of one. An op works on the trailing axes and never mixes rows of the stack.
Arrays of flat features, (stack, batch, units), are stored with the batch as the fastest axis, so that they
are views with swapped axes: elementwise arithmetic then runs over one contiguous block, sums over classes
run over whole rows, and `memory(x)` gives the block itself to a matrix product.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Parameter:
    """A tensor that a layer asks for; the network gives it a place in the flat vector."""

    name: str
    shape: Shape
    role: str
    fan_in: int = 1
    fan_out: int = 1


@dataclass
class Wires:
    """Everything an op is connected to. Gradients and `dx` are None where nobody needs them.

    x, y        input and output (stack, batch, *features); `x` has one more column, of ones, if the layer is `wide`
    dx, dy      the gradients of the loss by x and by y; never wide
    flat        the layer's own parameters (stack, size), in the order in which it declared them
    params      the same as views by name, (stack, *shape)
    state       running statistics by name (stack, *shape): changed by a fresh training pass only
    memory      what must stay fixed within a step (a dropout mask), shared with extra gradient evaluations
    rngs        one generator a row of the stack
    """

    x: np.ndarray
    y: np.ndarray
    dx: np.ndarray | None
    dy: np.ndarray | None
    flat: np.ndarray
    flat_grads: np.ndarray | None
    params: dict[str, np.ndarray]
    grads: dict[str, np.ndarray]
    state: dict[str, np.ndarray]
    memory: dict[str, np.ndarray]
    rngs: list[np.random.Generator]
    settings: dict[str, np.ndarray] = field(default_factory=dict)


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


class Layer:
    """The description of a layer: a frozen dataclass whose fields are its settings."""

    #: the op wants a trailing column of ones in x (a bias folded into its product)
    wide = False
    #: the op may get y = x and dy = dx, and is right even so
    inplace = False

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        """The tensors this layer trains, for inputs of this shape (no batch axis)."""
        return ()

    def initial(self, shape: Shape) -> dict[str, np.ndarray]:
        """Running statistics at the start, by name (batch norm's mean and variance)."""
        return {}

    def output(self, shape: Shape) -> Shape:
        """The shape of its outputs for inputs of this shape (no batch axis)."""
        return shape

    def op(self, wires: Wires) -> Op:
        raise NotImplementedError


def memory(array: np.ndarray) -> np.ndarray:
    """(stack, batch, units) as it lies in memory: (stack, units, batch)."""
    return array.swapaxes(-1, -2)


def flat_buffer(stack: int, batch: int, units: int, wide: bool, dtype: np.dtype) -> np.ndarray:
    """A buffer (stack, batch, units) stored batch-fastest; a wide one has a last column of ones."""
    block = np.zeros((stack, units + wide, batch), dtype)
    if wide:
        block[:, units] = 1
    return memory(block)


Make = Callable[[Wires], Op]
