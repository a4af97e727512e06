"""What recurrent layers share: one set of weights for all times, and the hidden state after the last or after each.

Inputs are (time, features), or images, whose rows follow each other in time; or the times are an example's positions,
as behind an embedding. [x; 1; h] lies in one buffer for each time, so that a step is one product. On the way back the
slopes of all gates are made for as many times at once as stay in cache, and the gradient of the weights is one product
over all times at its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import ClassVar

import numpy as np

from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import Calls, FixedOp, Layer, Parameter, Shape, Wires, memory

#: bytes of gates whose slopes are made together
CACHED = 1 << 18


@dataclass(frozen=True)
class Recurrent(Layer):
    """What all have in common: input and hidden weights, a bias, and the last state as output.

    every    the state after each time is output, as the positions of an example
    """

    units: int
    every: bool = False
    gates: ClassVar[int] = 1
    recurrent = True
    any_order = True
    reads_output = False

    @property
    def first_biases(self) -> tuple[float, ...]:
        """What the bias of each gate starts at; (): 0."""
        return ()

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        features, columns = prod(shape[1:] or shape), self.gates * self.units
        part = "gates" if self.gates > 1 else ""
        return (
            Parameter("input", (features, columns), "weight", features, self.units, part),
            Parameter("bias", (columns,), "bias", features, self.units, start=self.first_biases),
            Parameter("hidden", (self.units, columns), "weight", self.units, self.units, part),
        )

    def output(self, shape: Shape) -> Shape:
        return (self.units,)

    def positions(self, shape: Shape, positions: int) -> int:
        if not self.every:
            return 1
        return shape[0] if len(shape) > 1 else positions


class RecurrentOp(FixedOp):
    """Buffers that all cells use, and what they do before and behind their loops over time."""

    def __init__(self, wires: Wires, layer: Recurrent):
        super().__init__(wires)
        units, gates, self.every = layer.units, layer.gates, layer.every
        if wires.x.ndim == 3 and wires.positions == 1:
            raise ComponentError(
                f"a recurrent layer needs sequences (time, features) or images, got {wires.x.shape[-1]} flat features"
            )
        x = by_time(wires.x, wires.positions)
        self.times, stack, self.batch = x.shape[0], x.shape[1], x.shape[-1]
        self.units, self.dtype, self.stack = units, wires.x.dtype, stack
        self.features = prod(x.shape[2:-1])
        rows, columns = self.features + 1 + units, gates * units
        self.z = self.zeros(self.times + 1, stack, rows, self.batch)
        self.z[:, :, self.features] = 1
        self.h = self.z[:, :, self.features + 1 :]
        places = self.z[: self.times, :, : self.features].reshape(x.shape, copy=False)
        size = rows * columns
        self.joint = wires.flat[:, :size].reshape(stack, rows, columns)
        self.weights = self.zeros(stack, columns, rows)
        self.work = self.zeros(stack, units, self.batch)
        # 0-d arrays: NumPy would convert a Python number at each call.
        self.one = np.array(1, self.dtype)
        self.ahead = [partial(np.copyto, places, x)]
        #: times whose slopes are made together
        self.span = min(self.times, max(1, CACHED // max(1, columns * self.batch * stack * self.dtype.itemsize)))
        self.dh = self.zeros(stack, units, self.batch)
        if wires.flat_grads is not None:
            self.joint_grads = wires.flat_grads[:, :size].reshape(stack, rows, columns)

    def zeros(self, *shape: int) -> np.ndarray:
        return np.zeros(shape, self.dtype)

    def gate(self, array: np.ndarray, first: int, last: int) -> np.ndarray:
        """The gates from `first` to before `last` of (…, gates x units, batch)."""
        return array[..., first * self.units : last * self.units, :]

    def spans(self) -> Iterator[tuple[int, int]]:
        """The first time, and the time behind the last, of those whose slopes are made together; the last times come
        first."""
        for stop in range(self.times, 0, -self.span):
            yield max(0, stop - self.span), stop

    def finish(self) -> None:
        """The last state is the output, or those after every time."""
        if self.every:
            self.ahead.append(partial(np.copyto, by_time(self.wires.y, self.times), self.h[1:]))
        else:
            self.ahead.append(partial(np.copyto, memory(self.wires.y), self.h[self.times]))

    def begin_back(self) -> Calls:
        """dh after the last time."""
        assert self.wires.dy is not None
        if not self.every:
            return [partial(np.copyto, self.dh, memory(self.wires.dy))]
        self.dy = np.zeros_like(self.h[1:])
        gather = partial(np.copyto, self.dy, by_time(self.wires.dy, self.times))
        return [gather, partial(np.copyto, self.dh, self.dy[-1])]

    def before(self, t: int) -> Calls:
        """What is added to dh of time t - 1, besides what comes back from time t."""
        return [partial(np.add, self.dh, self.dy[t - 1], self.dh)] if self.every else []

    def all_times(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """A buffer as (time, stack, rows, batch), and as (stack, rows, time x batch), as which it lies in memory."""
        long = self.zeros(self.stack, rows, self.times, self.batch)
        return long.transpose(2, 0, 1, 3), long.reshape(self.stack, rows, -1)

    def by_inputs(self, dg: np.ndarray) -> Calls:
        """dx from the gates' gradients of all times, (stack, gates x units, time x batch)."""
        if self.wires.dx is None:
            return []
        spread = self.zeros(self.stack, self.features, self.times * self.batch)
        back = np.moveaxis(by_time(self.wires.dx, self.times), 0, -2)
        return [
            partial(np.matmul, self.joint[:, : self.features], dg, spread),
            partial(np.copyto, back, spread.reshape(back.shape, copy=False)),
        ]

    def by_weights(self, dg: np.ndarray) -> Calls:
        """The gradients of input weights, bias and hidden weights, and dx, where all come from one product.

        dg   the gates' gradients of all times, (stack, gates x units, time x batch)
        """
        z, long_z = self.all_times(self.z.shape[2])
        return [
            partial(np.copyto, z, self.z[: self.times]),
            partial(np.matmul, long_z, dg.swapaxes(1, 2), self.joint_grads),
            *self.by_inputs(dg),
        ]


def by_time(array: np.ndarray, times: int) -> np.ndarray:
    """(time, stack, channels, …, batch), a view of inputs (stack, batch, time, features) or images, the features of a
    time channels first, as they lie in memory; or of (stack, batch x time, features), where times are positions."""
    block = memory(array)
    if block.ndim == 3:
        return np.moveaxis(block.reshape(*block.shape[:2], -1, times, copy=False), 3, 0)
    return np.moveaxis(block, 2, 0)
