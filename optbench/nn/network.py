"""A network: layers in a row, a loss at the end, all parameters in one flat vector.

`Network` is the description. `bind` gives a `Graph`: the same network on given parameter vectors and one batch
shape, with all its buffers made. One set of parameters may have several graphs (training, evaluation, extra
gradients), since a graph only holds views of it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optbench.nn.layer import Layer, Op, Shape, Wires, flat_buffer
from optbench.nn.layout import Layout, Tensor
from optbench.nn.losses import Loss

Tree = list[dict[str, np.ndarray]]


class Network:
    """Layers for inputs of `shape` (no batch axis), and the class of the loss on its last layer's outputs."""

    def __init__(self, layers: Sequence[Layer], shape: Shape, loss: type[Loss]):
        self.layers = tuple(layers)
        self.loss = loss
        self.shapes = [tuple(shape)]
        tensors: list[Tensor] = []
        self.blocks: list[slice] = []
        offset = 0
        for number, layer in enumerate(self.layers):
            start = offset
            for p in layer.parameters(self.shapes[-1]):
                name = f"{number}.{type(layer).__name__.lower()}.{p.name}"
                tensors.append(Tensor(name, p.shape, p.role, p.fan_in, p.fan_out, number, offset))
                offset += tensors[-1].size
            self.blocks.append(slice(start, offset))
            self.shapes.append(tuple(layer.output(self.shapes[-1])))
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
        return [
            {name: np.repeat(a[None].astype(dtype), stack, axis=0) for name, a in layer.initial(shape).items()}
            for layer, shape in zip(self.layers, self.shapes, strict=False)
        ]

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
        stack, dtype = len(params), params.dtype
        shape = network.shapes[0]
        self.x = np.zeros((stack, batch, *shape[:-1], shape[-1] + network.wide), dtype)
        if network.wide:
            self.x[..., -1] = 1
        self.memory: Tree = memory if memory is not None else [{} for _ in network.layers]
        self.ops: list[Op] = []
        self.outputs: list[np.ndarray] = []
        x, dx = self.x, None
        for number, layer in enumerate(network.layers):
            y, dy = self._output(number, x, dx, stack, batch, dtype, grads is not None)
            block = network.blocks[number]
            flat, flat_grads = params[:, block], None if grads is None else grads[:, block]
            local = Layout(
                [
                    replace(t, name=t.name.rsplit(".", 1)[1], offset=t.offset - block.start)
                    for t in network.layout
                    if t.layer == number
                ]
            )
            narrow = y[..., :-1] if self._wide_after(number) else y
            wires = Wires(
                x=x,
                y=narrow,
                dx=dx,
                dy=dy,
                flat=flat,
                flat_grads=flat_grads,
                params=local.views(flat),
                grads={} if flat_grads is None else local.views(flat_grads),
                state=state[number],
                memory=self.memory[number],
                rngs=rngs,
            )
            if layer.inplace and self._can_overwrite(number):
                narrow_x = x[..., :-1] if self._wide_after(number) else x
                wires.x = wires.y = narrow_x
                wires.dy = dx
                y, dy = x, dx
            self.ops.append(layer.op(wires))
            self.outputs.append(wires.y)
            x, dx = y, dy
        self.logits = x
        self.targets = flat_buffer(stack, batch, network.outputs[0], False, dtype)
        self.loss = network.loss(self.logits, dx, self.targets)
        self._forward = [op.forward for op in self.ops]
        self._backward = [op.backward for op in reversed(self.ops)]

    def _can_overwrite(self, number: int) -> bool:
        """In place only behind a layer that made its own buffer: never over the inputs of the network."""
        return number > 0

    def _wide_after(self, number: int) -> bool:
        """Whether the buffer behind layer `number` goes on, through layers in place, to one that wants ones."""
        for later in range(number + 1, len(self.network.layers)):
            layer = self.network.layers[later]
            if not (layer.inplace and self._can_overwrite(later)):
                return layer.wide
        return False

    def _output(
        self,
        number: int,
        x: np.ndarray,
        dx: np.ndarray | None,
        stack: int,
        batch: int,
        dtype: np.dtype,
        backward: bool,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        if self.network.layers[number].inplace and self._can_overwrite(number):
            return x, dx
        shape = self.network.shapes[number + 1]
        if len(shape) == 1:
            y = flat_buffer(stack, batch, shape[0], self._wide_after(number), dtype)
            return y, flat_buffer(stack, batch, shape[0], False, dtype) if backward else None
        y = np.zeros((stack, batch, *shape), dtype)
        return y, np.zeros_like(y) if backward else None

    def forward(self, training: bool = True, fresh: bool = True) -> None:
        """Fill logits from x."""
        for forward in self._forward:
            forward(training, fresh)

    def backward(self) -> None:
        """Fill grads with the gradient of the mean loss, from the last forward pass and targets."""
        self.loss.gradient()
        for backward in self._backward:
            backward()
