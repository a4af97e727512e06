"""Layers in a row, and the same on fixed buffers: what networks are made of, and layers that hold layers."""

from collections.abc import MutableMapping, Sequence
from math import prod

import numpy as np

from optbench.contract.layer import Layer, Op, Parameter, Shape, Wires, flat_buffer, shaped
from optbench.contract.layout import Layout, Tensor
from optbench.nn.flatten import Flatten

#: arrays by name, of one layer
Arrays = MutableMapping[str, np.ndarray]


class Chain:
    """Layers one behind the other for inputs of `shape` (no batch axis), of which an example has `positions`.

    shapes       of the inputs, and of what each layer gives
    positions    how many rows of the inputs, and of what each layer gives, belong to one example
    parameters   the tensors of each layer
    blocks       where those of each layer lie, in a vector of all of them
    shares       whether each layer writes its output over its input
    """

    def __init__(self, layers: Sequence[Layer], shape: Shape, positions: int = 1):
        self.layers = tuple(layers)
        self.shapes: list[Shape] = [tuple(shape)]
        self.positions = [positions]
        self.parameters: list[tuple[Parameter, ...]] = []
        self.blocks: list[slice] = []
        self.shares = shared(self.layers)
        self.size = 0
        for layer in self.layers:
            start = self.size
            self.parameters.append(tuple(layer.parameters(self.shapes[-1])))
            self.size += sum(prod(p.shape) for p in self.parameters[-1])
            self.blocks.append(slice(start, self.size))
            self.positions.append(layer.positions(self.shapes[-1], self.positions[-1]))
            self.shapes.append(tuple(layer.output(self.shapes[-1])))

    def buffer(self, number: int, stack: int, batch: int, dtype: np.dtype, wide: bool | None = None) -> np.ndarray:
        """A flat buffer of `batch` examples for the input of layer `number`, or of the first behind it not to share."""
        if wide is None:
            readers = zip(self.layers[number:], self.shares[number:], strict=True)
            wide = next((layer.wide for layer, shares in readers if not shares), False)
        return flat_buffer(stack, batch * self.positions[number], prod(self.shapes[number]), wide, dtype)


class BoundChain:
    """A chain at work: `ops` to call from first to last, and backward from last to first.

    x            the inputs as the first layer sees them
    flat, dflat  the buffer that they lie in, and that of the gradient by them (None where nobody wants it)
    params       the chain's parameters (stack, size); `grads` their gradients, None: it never goes backward
    state, memory    a dict for each layer: see `Wires`
    given            the network's inputs: see `Wires`
    y, dy        flat buffers of the outputs and of the gradient by them
    """

    def __init__(
        self,
        chain: Chain,
        x: np.ndarray,
        flat: np.ndarray,
        dflat: np.ndarray | None,
        params: np.ndarray,
        grads: np.ndarray | None,
        state: Sequence[Arrays],
        memory: Sequence[Arrays],
        rngs: list[np.random.Generator],
        given: np.ndarray | None = None,
    ):
        stack, batch, dtype = len(params), x.shape[1] // chain.positions[0], params.dtype
        self.ops: list[Op] = []
        self.outputs: list[np.ndarray] = []
        for number, (layer, block) in enumerate(zip(chain.layers, chain.blocks, strict=True)):
            before, after = chain.shapes[number : number + 2]
            y, dy = flat, dflat
            if not chain.shares[number]:
                y = chain.buffer(number + 1, stack, batch, dtype)
                dy = None if grads is None else chain.buffer(number + 1, stack, batch, dtype, wide=False)
            local = local_layout(chain.parameters[number])
            own = params[:, block]
            own_grads = None if grads is None else grads[:, block]
            if number > 0:
                x = flat if layer.wide else shaped(flat, before)
            wires = Wires(
                x=x,
                y=shaped(y, after),
                dx=None if dflat is None else shaped(dflat, before),
                dy=None if dy is None else shaped(dy, after),
                flat=own,
                flat_grads=own_grads,
                params=local.views(own),
                grads={} if own_grads is None else local.views(own_grads),
                state=state[number],
                memory=memory[number],
                rngs=rngs,
                positions=chain.positions[number],
                given=given,
            )
            self.ops.append(layer.op(wires))
            self.outputs.append(wires.y)
            flat, dflat = y, dy
        self.y, self.dy = flat, dflat


def local_layout(parameters: Sequence[Parameter]) -> Layout:
    """One layer's tensors, from the beginning of its own block."""
    tensors, offset = [], 0
    for p in parameters:
        tensors.append(Tensor(p.name, p.shape, p.role, p.fan_in, p.fan_out, 0, offset, p.part, p.start))
        offset += tensors[-1].size
    return Layout(tensors)


def flattened(layers: Sequence[Layer], shape: Shape) -> list[Layer]:
    """The layers, with a `Flatten` before those that want flat features and would get images."""
    placed: list[Layer] = []
    for layer in layers:
        if layer.wide and len(shape) > 1:
            placed.append(Flatten())
            shape = placed[-1].output(shape)
        placed.append(layer)
        shape = tuple(layer.output(shape))
    return placed


def shared(layers: Sequence[Layer]) -> list[bool]:
    """Which layers may use their input's memory for their output.

    Views do. Layers in place do, unless what they would write over is still wanted: the inputs of the first, or
    an output that the backward pass of the layer before reads.
    """
    result, wanted = [], True
    for layer in layers:
        shares = layer.view or (layer.inplace and not wanted)
        if not layer.view:
            wanted = layer.reads_output
        result.append(shares)
    return result
