"""A network: layers in a row, a loss at the end, all parameters in one flat vector.

`Network` is the description. `bind` gives a `Graph`: the same network on given parameter vectors and one
batch shape, with all its buffers made. One set of parameters may have several graphs (training, evaluation,
extra gradients), since a graph only holds views of it.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, Layer, Op, Shape, flat_buffer, shaped, unfolded
from optbench.contract.layout import Layout, Tensor
from optbench.nn.chain import Arrays, BoundChain, Chain, flattened
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
        shape = tuple(shape)
        placed = flattened(layers, shape)
        while placed and isinstance(placed[0], Flatten):
            shape = placed.pop(0).output(shape)
        self.chain = Chain(placed, shape)
        self.layers, self.shapes = self.chain.layers, self.chain.shapes
        if not placed or len(self.outputs) != 1:
            raise OptbenchError(f"a network must end in flat features, this one ends in shape {self.outputs}")
        tensors: list[Tensor] = []
        offset = 0
        for number, (layer, parameters) in enumerate(zip(self.layers, self.chain.parameters, strict=True)):
            # A layer that holds layers knows which of theirs give the logits.
            last = number == len(placed) - 1 and not layer.inside() and not layer.whole
            for p in parameters:
                name = f"{number}.{type(layer).__name__.lower()}.{p.name}"
                part = p.part or ("head" if last and p.role == "weight" else "")
                tensors.append(Tensor(name, p.shape, p.role, p.fan_in, p.fan_out, number, offset, part, p.start))
                offset += tensors[-1].size
        self.layout = Layout(tensors)

    @property
    def outputs(self) -> Shape:
        return self.shapes[-1]

    @property
    def positions(self) -> int:
        """At how many positions of an example there are outputs."""
        return self.chain.positions[-1]

    @property
    def wide(self) -> bool:
        """Whether inputs are wanted with a column of ones."""
        return self.layers[0].wide

    @property
    def rebinds(self) -> bool:
        """Whether a graph of it takes other inputs without a copy: see `Graph.on`."""
        return self.layers[0].rebinds

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
        memory: Sequence[Arrays] | None = None,
    ) -> "Graph":
        """The network at work on `params` (stack, size): with `grads` it can go backward.

        `memory` is another graph's, so that both share what is fixed within a step (dropout masks).
        """
        return Graph(self, params, grads, state, batch, list(rngs), memory)


class Graph:
    """A network on fixed buffers: fill `x` and `targets`, call `forward`, then `backward`.

    x        (stack, batch, *features), with one more column of ones where the network is `wide`
    targets  as the loss wants them: (stack, batch x positions, outputs), divided by batch x positions; or class
             numbers (stack, batch, positions)
    logits   (stack, batch x positions, outputs)
    """

    def __init__(
        self,
        network: Network,
        params: np.ndarray,
        grads: np.ndarray | None,
        state: Tree,
        batch: int,
        rngs: list[np.random.Generator],
        memory: Sequence[Arrays] | None,
    ):
        self.network = network
        self.params = params
        self.grads = grads
        self.batch = batch
        self.memory: Sequence[Arrays] = memory if memory is not None else [{} for _ in network.layers]
        self._stack, self._dtype = len(params), params.dtype
        # A buffer is flat, with a column of ones where its reader wants one; images are views of it.
        self.x, flat = self._inputs()
        given = None if network.rebinds else self.x
        bound = BoundChain(network.chain, self.x, flat, None, params, grads, state, self.memory, rngs, given)
        self.ops, self.outputs = bound.ops, bound.outputs
        self.logits = self.outputs[-1]
        if network.loss.numbers:
            self.targets = np.zeros((self._stack, batch, network.positions), self._dtype)
        else:
            rows = batch * network.positions
            self.targets = flat_buffer(self._stack, rows, network.outputs[0], False, self._dtype)
        dlogits = None if bound.dy is None else shaped(bound.dy, network.outputs)
        #: those that add to the loss
        self.adding = [op for op in unfolded(self.ops) if type(op).added_loss is not Op.added_loss]
        self.loss = network.loss(self.logits, dlogits, self.targets)
        self._ready()

    def _ready(self) -> None:
        self._forward: dict[tuple[bool, bool, bool], Calls] = {}
        passed_back = [call for op in reversed(self.ops) for call in op.backward_calls()]
        again = [*self.loss.gradient_calls(), *passed_back]
        self._backward = {True: [*self.loss.target_calls(), *again], False: again}

    def on(self, x: np.ndarray) -> "Graph":
        """The same parameters and buffers on other inputs, for a network that `rebinds`.

        Both hold what either computed last. x (stack, batch, features + 1) with its column of ones, each example in
        one piece.
        """
        other = copy(self)
        other.x = x
        other.ops = [self.network.layers[0].op(replace(self.ops[0].wires, x=x)), *self.ops[1:]]
        other._ready()
        return other

    def _inputs(self) -> tuple[np.ndarray, np.ndarray]:
        """The inputs as they are seen from outside, and the flat buffer they lie in."""
        network = self.network
        first, shape = network.layers[0], network.shapes[0]
        # Views in front only pass the inputs on: their order matters to the first layer that reads them.
        readers = [layer for layer, shares in zip(network.layers, network.chain.shares, strict=True) if not shares]
        any_order = first.any_order and (not readers or readers[0].any_order)
        if any_order and not first.view and len(shape) > 1:
            x = np.zeros((self._stack, self.batch, *shape), self._dtype)
            return x, x
        flat = network.chain.buffer(0, self._stack, self.batch, self._dtype)
        if any_order:
            # Example by example, so that a mini-batch is gathered in whole rows.
            flat = np.ascontiguousarray(flat)
        return flat if first.wide else shaped(flat, shape), flat

    def forward(self, training: bool = True, fresh: bool = True, new: bool = True) -> None:
        """Fill logits from x; `new` is false where x is the same as in the last pass."""
        for call in self.forward_calls(training, fresh, new):
            call()

    def forward_calls(self, training: bool, fresh: bool, new: bool = True) -> Calls:
        """`forward` as calls without arguments."""
        if (training, fresh, new) not in self._forward:
            calls = [call for op in unfolded(self.ops) for call in op.input_calls()] if new else []
            calls += [call for op in self.ops for call in op.forward_calls(training, fresh)]
            self._forward[training, fresh, new] = calls
        return self._forward[training, fresh, new]

    def value(self) -> np.ndarray:
        """The mean loss of each row of the stack, (stack,), float64, with what layers add to it."""
        total = self.loss.value()
        for op in self.adding:
            total = total + op.added_loss()
        return total

    def backward(self, new: bool = True) -> None:
        """Fill grads with the gradient of the mean loss, from the last forward pass and targets.

        `new` is false where the targets are the same as in the last pass.
        """
        for call in self.backward_calls(new):
            call()

    def backward_calls(self, new: bool = True) -> Calls:
        """`backward` as calls without arguments."""
        return self._backward[new]
