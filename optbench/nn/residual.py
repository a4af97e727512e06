"""The residual block: a layer that holds layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, Layer, Op, Parameter, ReadyOp, Shape, Wires, flat_buffer, memory
from optbench.nn.chain import BoundChain, Chain, flattened
from optbench.nn.held import bound_within, flat_view, initial_within, parameters_within


@dataclass(frozen=True)
class Residual(Layer):
    """y = s(x) + f(x), with the layers `body` for f, and `shortcut` for s: none for s(x) = x.

    The gradient goes back through both, dx = f'(x) dy + s'(x) dy. Where f changes the shape, s must change it alike
    (a projection). (He, Zhang, Ren and Sun 2016, Deep residual learning for image recognition.)
    """

    body: tuple[Layer, ...]
    shortcut: tuple[Layer, ...] = ()
    reads_output = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", tuple(self.body))
        object.__setattr__(self, "shortcut", tuple(self.shortcut))
        if not self.body:
            raise OptbenchError("a residual block needs at least one layer in its body")
        # Who reads the inputs in there, behind views, may want a column of ones, which must then be out here.
        readers = [next((a for a in way if not a.view), None) for way in (self.body, self.shortcut)]
        object.__setattr__(self, "wide", any(layer.wide for layer in readers if layer is not None))

    def chains(self, shape: Shape, positions: int = 1) -> list[tuple[str, Chain]]:
        """The two ways by name; the shortcut only where it is more than x."""
        ways = [("body", self.body), ("shortcut", self.shortcut)]
        for name, layers in ways:
            if len(flattened(layers, shape)) != len(layers):
                raise OptbenchError(
                    f"the {name} of a residual block has a layer for flat features behind images: put Flatten() there"
                )
        return [(name, Chain(layers, shape, positions)) for name, layers in ways if layers]

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return tuple(p for name, chain in self.chains(shape) for p in parameters_within(name, chain))

    def initial(self, shape: Shape) -> dict[str, np.ndarray]:
        return {k: a for name, chain in self.chains(shape) for k, a in initial_within(name, chain).items()}

    def output(self, shape: Shape) -> Shape:
        shapes = [chain.shapes[-1] for _, chain in self.chains(shape)]
        after = shapes[0]
        other = shapes[1] if self.shortcut else tuple(shape)
        if after != other:
            raise OptbenchError(
                f"a residual block adds its body's outputs of shape {after} to its shortcut's of shape {other}: "
                "they must be equal; let the shortcut project"
            )
        return after

    def op(self, wires: Wires) -> Op:
        return ResidualOp(wires, self)

    def inside(self) -> Sequence[Layer]:
        return (*self.body, *self.shortcut)


class ResidualOp(ReadyOp):
    def __init__(self, wires: Wires, layer: Residual):
        super().__init__(wires)
        # Of the inputs (stack, batch, features, …, and a column of ones where wide) without that column.
        shape = tuple(wires.x.shape[2:])
        if layer.wide:
            shape = (shape[0] - 1,)
        self.ways: list[BoundChain] = []
        start = 0
        for name, chain in layer.chains(shape, wires.positions):
            self.ways.append(self._bound(name, chain, slice(start, start + chain.size), shape))
            start += chain.size
        y, units = memory(wires.y), prod(wires.y.shape[2:])

        def block(flat: np.ndarray) -> np.ndarray:
            """A flat buffer without a column of ones, in the form of y's block."""
            return memory(flat)[:, :units].reshape(y.shape, copy=False)

        narrow = flat_view(wires.x)
        others = [block(way.y) for way in self.ways[1:]] or [block(narrow)]
        self.join: Calls = [partial(np.add, block(self.ways[0].y), others[0], y)]
        self.part: Calls = []
        self.merge: Calls = []
        if wires.dy is None:
            return
        dy = memory(wires.dy)
        # Layers may write over the gradients that they get, so each way has its own copy.
        self.part = [partial(np.copyto, block(way.dy), dy) for way in self.ways if way.dy is not None]
        if wires.dx is not None:
            dx = memory(wires.dx)
            more = dy if len(self.ways) == 1 else memory(self.second).reshape(dx.shape, copy=False)
            self.merge = [partial(np.add, dx, more, dx)]

    def _bound(self, name: str, chain: Chain, block: slice, shape: Shape) -> BoundChain:
        wires = self.wires
        flat = flat_view(wires.x)
        first = chain.layers[0]
        x = wires.x
        if len(shape) == 1 and not first.wide:
            x = wires.x[..., : shape[0]]
        dflat = None
        if wires.dx is not None:
            # The body leaves its gradient where the sum is to be, the shortcut beside it.
            dflat = flat_view(wires.dx)
            if name == "shortcut":
                stack, rows = wires.x.shape[:2]
                dflat = self.second = flat_buffer(stack, rows, prod(shape), False, wires.x.dtype)
        return bound_within(name, chain, wires, x, flat, dflat, block)

    def forward_calls(self, training: bool, fresh: bool) -> Calls:
        inner = [call for way in self.ways for op in way.ops for call in op.forward_calls(training, fresh)]
        return [*inner, *self.join]

    def backward_calls(self) -> Calls:
        inner = [call for way in self.ways for op in reversed(way.ops) for call in op.backward_calls()]
        return [*self.part, *inner, *self.merge]

    def inside(self) -> Sequence[Op]:
        return [op for way in self.ways for op in way.ops]
