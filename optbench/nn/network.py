"""A network: layers in a row, a loss at the end, all parameters in one flat vector.

`Network` is the description. `bind` gives a `Graph`: the same network on given parameter vectors and one
batch shape, with all its buffers made. One set of parameters may have several graphs (training, evaluation,
extra gradients), since a graph only holds views of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import prod

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, Layer, Op, Shape, Wires, flat_buffer, shaped
from optbench.contract.layout import Layout, Tensor
from optbench.nn.flatten import Flatten
from optbench.nn.losses import Loss

Tree = list[dict[str, np.ndarray]]


class Network:
    """Layers for inputs of `shape` (no batch axis), and the class of the loss on its last layer's outputs.

    Where a layer wants flat features and gets images, a `Flatten` is put in front of it. One at the very
    beginning is left to whoever feeds the network, since it is a mere reshape there: `shapes[0]` is then flat.
    """

    def __init__(self, layers: Sequence[Layer], shape: Shape, loss: type[Loss]):
        self.loss = loss
        layers, shape = flattened(layers, tuple(shape))
        self.shapes = [shape]
        self.blocks: list[slice] = []
        placed: list[Layer] = []
        tensors: list[Tensor] = []
        offset = 0
        for layer in layers:
            start, number = offset, len(placed)
            for p in layer.parameters(self.shapes[-1]):
                name = f"{number}.{type(layer).__name__.lower()}.{p.name}"
                tensors.append(Tensor(name, p.shape, p.role, p.fan_in, p.fan_out, number, offset))
                offset += tensors[-1].size
            placed.append(layer)
            self.blocks.append(slice(start, offset))
            self.shapes.append(tuple(layer.output(self.shapes[-1])))
        self.layers = tuple(placed)
        if not placed or len(self.outputs) != 1:
            raise OptbenchError(f"a network must end in flat features, this one ends in shape {self.outputs}")
        self.layout = Layout(tensors)

    @property
    def outputs(self) -> Shape:
        return self.shapes[-1]

    @property
    def wide(self) -> bool:
        """Whether inputs are wanted with a column of ones."""
        return self.layers[0].wide

    def initial_state(self, stack: int, dtype: np.dtype) -> Tree:
        """Running statistics of every layer at the start, each (stack, *shape)."""

        def rows(first: np.ndarray) -> np.ndarray:
            return np.repeat(first[None].astype(dtype), stack, axis=0)

        pairs = zip(self.layers, self.shapes, strict=False)
        return [{name: rows(a) for name, a in layer.initial(shape).items()} for layer, shape in pairs]

    def bind(
        self,
        params: np.ndarray,
        grads: np.ndarray | None,
        state: Tree,
        batch: int,
        rngs: Sequence[np.random.Generator] = (),
        memory: Tree | None = None,
    ) -> "Graph":
        """The network at work on `params` (stack, size): with `grads` it can go backward.

        `memory` is another graph's, so that both share what is fixed within a step (dropout masks).
        """
        return Graph(self, params, grads, state, batch, list(rngs), memory)


def flattened(layers: Sequence[Layer], shape: Shape) -> tuple[list[Layer], Shape]:
    """The layers, with a `Flatten` before those that want flat features and would get images; inputs' shape."""
    placed: list[Layer] = []
    inputs = shape
    for layer in layers:
        if layer.wide and len(shape) > 1:
            placed.append(Flatten())
            shape = placed[-1].output(shape)
        placed.append(layer)
        shape = tuple(layer.output(shape))
    while placed and isinstance(placed[0], Flatten):
        inputs = placed.pop(0).output(inputs)
    return placed, inputs


def shared(layers: Sequence[Layer]) -> list[bool]:
    """Which layers may use their input's memory for their output.

    Views do. Layers in place do, unless what they would write over is still wanted: the network's inputs, or
    an output that the backward pass of the layer before reads.
    """
    result, wanted = [], True
    for layer in layers:
        shares = layer.view or (layer.inplace and not wanted)
        if not layer.view:
            wanted = layer.reads_output
        result.append(shares)
    return result


class Graph:
    """A network on fixed buffers: fill `x` and `targets`, call `forward`, then `backward`.

    x        (stack, batch, *features), with one more column of ones where the network is `wide`
    targets  (stack, batch, outputs), divided by the batch size
    logits   (stack, batch, outputs)
    """

    def __init__(
        self,
        network: Network,
        params: np.ndarray,
        grads: np.ndarray | None,
        state: Tree,
        batch: int,
        rngs: list[np.random.Generator],
        memory: Tree | None,
    ):
        self.network = network
        self.params = params
        self.grads = grads
        self.batch = batch
        self.memory: Tree = memory if memory is not None else [{} for _ in network.layers]
        self.ops: list[Op] = []
        self.outputs: list[np.ndarray] = []
        self._stack, self._dtype = len(params), params.dtype
        self._shares = shared(network.layers)
        # A buffer is flat, with a column of ones where its reader wants one; images are views of it.
        self.x, flat = self._inputs()
        dflat: np.ndarray | None = None
        for number, layer in enumerate(network.layers):
            y, dy = flat, dflat
            if not self._shares[number]:
                y = self._buffer(number + 1)
                dy = None if grads is None else self._buffer(number + 1, wide=False)
            wires = self._wires(number, flat, y, dflat, dy, rngs, state)
            self.ops.append(layer.op(wires))
            self.outputs.append(wires.y)
            flat, dflat = y, dy
        self.logits = self.outputs[-1]
        self.targets = flat_buffer(self._stack, batch, network.outputs[0], False, self._dtype)
        dlogits = None if dflat is None else shaped(dflat, network.outputs)
        self.loss = network.loss(self.logits, dlogits, self.targets)
        self._forward: dict[tuple[bool, bool], Calls] = {}
        self._backward = [
            *self.loss.gradient_calls(),
            *(call for op in reversed(self.ops) for call in op.backward_calls()),
        ]

    def _inputs(self) -> tuple[np.ndarray, np.ndarray]:
        """The inputs as they are seen from outside, and the flat buffer they lie in."""
        network = self.network
        first, shape = network.layers[0], network.shapes[0]
        # Views in front only pass the inputs on: their order matters to the first layer that reads them.
        readers = [layer for layer, shares in zip(network.layers, self._shares, strict=True) if not shares]
        any_order = first.any_order and (not readers or readers[0].any_order)
        if any_order and not first.view and len(shape) > 1:
            x = np.zeros((self._stack, self.batch, *shape), self._dtype)
            return x, x
        flat = self._buffer(0)
        if any_order:
            # Example by example, so that a mini-batch is gathered in whole rows.
            flat = np.ascontiguousarray(flat)
        return flat if first.wide else shaped(flat, shape), flat

    def _buffer(self, number: int, wide: bool | None = None) -> np.ndarray:
        """A flat buffer for the input of layer `number`, or of the first behind it that does not share it."""
        if wide is None:
            readers = zip(self.network.layers[number:], self._shares[number:], strict=True)
            wide = next((layer.wide for layer, shares in readers if not shares), False)
        return flat_buffer(self._stack, self.batch, prod(self.network.shapes[number]), wide, self._dtype)

    def _wires(
        self,
        number: int,
        x: np.ndarray,
        y: np.ndarray,
        dx: np.ndarray | None,
        dy: np.ndarray | None,
        rngs: list[np.random.Generator],
        state: Tree,
    ) -> Wires:
        network = self.network
        block, before, after = network.blocks[number], network.shapes[number], network.shapes[number + 1]
        own = [t for t in network.layout if t.layer == number]
        local = Layout(
            [replace(t, name=t.name.rsplit(".", 1)[1], offset=t.offset - block.start) for t in own]
        )
        flat = self.params[:, block]
        flat_grads = None if self.grads is None else self.grads[:, block]
        if number == 0:
            inputs = self.x
        else:
            inputs = x if network.layers[number].wide else shaped(x, before)
        return Wires(
            x=inputs,
            y=shaped(y, after),
            dx=None if dx is None else shaped(dx, before),
            dy=None if dy is None else shaped(dy, after),
            flat=flat,
            flat_grads=flat_grads,
            params=local.views(flat),
            grads={} if flat_grads is None else local.views(flat_grads),
            state=state[number],
            memory=self.memory[number],
            rngs=rngs,
        )

    def forward(self, training: bool = True, fresh: bool = True) -> None:
        """Fill logits from x."""
        if (training, fresh) not in self._forward:
            calls = [call for op in self.ops for call in op.forward_calls(training, fresh)]
            self._forward[training, fresh] = calls
        for call in self._forward[training, fresh]:
            call()

    def backward(self) -> None:
        """Fill grads with the gradient of the mean loss, from the last forward pass and targets."""
        for call in self._backward:
            call()
