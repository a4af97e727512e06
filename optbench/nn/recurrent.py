"""Recurrent layers: one set of weights for all times, and the hidden state after the last or after each.

Inputs are (time, features), or images, whose rows follow each other in time; or the times are an example's positions,
as behind an embedding. [x; 1; h] lies in one buffer for each
time, so that a step is one product. On the way back the slopes of all gates are made for as many times at once as stay
in cache, and the gradient of the weights is one product over all times at its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import ClassVar

import numpy as np

from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import Calls, FixedOp, Layer, Op, Parameter, Shape, Wires, memory

#: bytes of gates whose slopes are made together
CACHED = 1 << 18


@dataclass(frozen=True)
class Recurrent(Layer):
    """What the three have in common: input and hidden weights, a bias, and the last state as output.

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


@dataclass(frozen=True)
class TanhRecurrence(Recurrent):
    """h[t] = tanh(x[t] W + b + h[t-1] U), h[0] = 0. (Elman 1990.)"""

    def op(self, wires: Wires) -> Op:
        return TanhRecurrenceOp(wires, self)


class TanhRecurrenceOp(RecurrentOp):
    def __init__(self, wires: Wires, layer: Recurrent):
        super().__init__(wires, layer)
        self.ahead.append(partial(np.copyto, self.weights, self.joint.swapaxes(1, 2)))
        for t in range(self.times):
            self.ahead += [
                partial(np.matmul, self.weights, self.z[t], self.work),
                partial(np.tanh, self.work, self.h[t + 1]),
            ]
        self.finish()
        if wires.dy is None or wires.flat_grads is None:
            return
        dh, dg = self.dh, self.zeros(self.span, self.stack, self.units, self.batch)
        all_dg, long_dg = self.all_times(self.units)
        slope, hidden = np.zeros_like(dg), self.joint[:, self.features + 1 :]
        self.back = self.begin_back()
        for start, stop in self.spans():
            h, slopes = self.h[start + 1 : stop + 1], slope[: stop - start]
            self.back += [partial(np.multiply, h, h, slopes), partial(np.subtract, self.one, slopes, slopes)]
            for t in reversed(range(start, stop)):
                self.back.append(partial(np.multiply, dh, slope[t - start], dg[t - start]))
                if t:
                    self.back += [partial(np.matmul, hidden, dg[t - start], dh), *self.before(t)]
            self.back.append(partial(np.copyto, all_dg[start:stop], dg[: stop - start]))
        self.back += self.by_weights(long_dg)


@dataclass(frozen=True)
class LSTM(Recurrent):
    """o, i, f = s(x W + b + h U) and g = tanh(x W + b + h U), each with its own weights; c[t] = f c[t-1] + i g and
    h[t] = o tanh(c[t]). Columns hold the gates in the order o, i, f, g. (Hochreiter and Schmidhuber 1997; Gers,
    Schmidhuber and Cummins 2000.)

    forget_bias    what the bias of f starts at
    """

    forget_bias: float = 0.0
    gates: ClassVar[int] = 4

    @property
    def first_biases(self) -> tuple[float, ...]:
        return (0.0, 0.0, self.forget_bias, 0.0) if self.forget_bias else ()

    def op(self, wires: Wires) -> Op:
        return LSTMOp(wires, self)


class LSTMOp(RecurrentOp):
    """A sigmoid is (1 + tanh(a / 2)) / 2, so that one call does for all gates: the inner half is in a copy of the
    weights. Behind the gates of a time, o, i, f, g, lies the cell before it: [i, f] [g, c] is one product.
    """

    def __init__(self, wires: Wires, layer: Recurrent):
        super().__init__(wires, layer)
        units, gate, h = self.units, self.gate, self.h
        factor = np.full((4 * units, 1), 0.5, self.dtype)
        factor[3 * units :] = 1
        half, both = np.array(0.5, self.dtype), self.zeros(self.stack, 2 * units, self.batch)
        g, squashed = self.zeros(self.times + 1, self.stack, 5 * units, self.batch), np.zeros_like(h[1:])
        self.ahead.append(partial(np.multiply, self.joint.swapaxes(1, 2), factor, self.weights))
        for t in range(self.times):
            gates, sigmoids, cell = gate(g[t], 0, 4), gate(g[t], 0, 3), gate(g[t + 1], 4, 5)
            self.ahead += [
                partial(np.matmul, self.weights, self.z[t], gates),
                partial(np.tanh, gates, gates),
                partial(np.multiply, sigmoids, half, sigmoids),
                partial(np.add, sigmoids, half, sigmoids),
                partial(np.multiply, gate(g[t], 1, 3), gate(g[t], 3, 5), both),
                partial(np.add, gate(both, 0, 1), gate(both, 1, 2), cell),
                partial(np.tanh, cell, squashed[t]),
                partial(np.multiply, gate(g[t], 0, 1), squashed[t], h[t + 1]),
            ]
        self.finish()
        if wires.dy is None or wires.flat_grads is None:
            return
        # With dc += dh through: do = dh slope_o, and di, df, dg = dc slope. In front of the gates lies `through`.
        dc, dh = self.zeros(self.stack, units, self.batch), self.dh
        slope, d = self.zeros(2, self.span, self.stack, 5 * units, self.batch)
        all_dg, long_dg = self.all_times(4 * units)
        hidden = self.joint[:, self.features + 1 :]
        self.back = [*self.begin_back(), partial(dc.fill, 0)]
        for start, stop in self.spans():
            self._slopes(g[start:stop], squashed[start:stop], slope[: stop - start])
            for t in reversed(range(start, stop)):
                # One call for each gate: NumPy goes through buffers where it has to repeat dh or dc.
                slopes, each = (
                    [gate(array[t - start], n, n + 1) for n in range(5)] for array in (slope, d)
                )
                self.back += [
                    *(partial(np.multiply, dh, slopes[n], each[n]) for n in (0, 1)),
                    partial(np.add, dc, each[0], dc),
                    *(partial(np.multiply, dc, slopes[n], each[n]) for n in (2, 3, 4)),
                ]
                if t:
                    self.back += [
                        partial(np.multiply, dc, gate(g[t], 2, 3), dc),
                        partial(np.matmul, hidden, gate(d[t - start], 1, 5), dh),
                        *self.before(t),
                    ]
            self.back.append(partial(np.copyto, all_dg[start:stop], gate(d[: stop - start], 1, 5)))
        self.back += self.by_weights(long_dg)

    def _slopes(self, g: np.ndarray, squashed: np.ndarray, slope: np.ndarray) -> None:
        """Calls that fill the slopes of these times, `through` first."""
        one, gate = self.one, self.gate
        sigmoids, through, by_new = gate(slope, 1, 4), gate(slope, 0, 1), gate(slope, 4, 5)
        self.back += [
            partial(np.subtract, one, gate(g, 0, 3), sigmoids),
            partial(np.multiply, sigmoids, gate(g, 0, 3), sigmoids),
            partial(np.multiply, gate(slope, 1, 2), squashed, gate(slope, 1, 2)),
            partial(np.multiply, gate(slope, 2, 4), gate(g, 3, 5), gate(slope, 2, 4)),
            partial(np.multiply, gate(g, 3, 4), gate(g, 3, 4), by_new),
            partial(np.subtract, one, by_new, by_new),
            partial(np.multiply, by_new, gate(g, 1, 2), by_new),
            partial(np.multiply, squashed, squashed, through),
            partial(np.subtract, one, through, through),
            partial(np.multiply, through, gate(g, 0, 1), through),
        ]


@dataclass(frozen=True)
class GRU(Recurrent):
    """r, z = s(x W + b + h U), n = tanh(x W + b + r (h U + c)), h[t] = (1 - z) n + z h[t-1].

    Columns hold r, z, n; c is a bias of n alone, as in torch and cuDNN. (Cho et al. 2014.)
    """

    gates: ClassVar[int] = 3

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return (*super().parameters(shape), Parameter("inner_bias", (self.units,), "bias", self.units, self.units))

    def op(self, wires: Wires) -> Op:
        return GRUOp(wires, self)


class GRUOp(RecurrentOp):
    def __init__(self, wires: Wires, layer: Recurrent):
        super().__init__(wires, layer)
        units, gate, h, work = self.units, self.gate, self.h, self.work
        split, times, stack, batch = self.features + 1, self.times, self.stack, self.batch
        g = self.zeros(times, stack, 3 * units, batch)
        # A sigmoid is (1 + tanh(a / 2)) / 2: the inner half is in a copy of the weights.
        factor = np.full((3 * units, 1), 0.5, self.dtype)
        factor[2 * units :] = 1
        half = np.array(0.5, self.dtype)
        # What the inputs give is one product for all times.
        x, long_x = self.all_times(split)
        long, given = self.zeros(stack, 3 * units, times * batch), np.zeros_like(g)
        inner, new = np.zeros_like(h[1:]), np.zeros_like(h[1:])
        by_input = self.zeros(stack, 3 * units, split)
        by_hidden = self.zeros(stack, 3 * units, units)
        c = wires.params["inner_bias"][..., None]
        self.ahead += [
            partial(np.multiply, self.joint[:, :split].swapaxes(1, 2), factor, by_input),
            partial(np.multiply, self.joint[:, split:].swapaxes(1, 2), factor, by_hidden),
            partial(np.copyto, x, self.z[:times, :, :split]),
            partial(np.matmul, by_input, long_x, long),
            partial(np.copyto, given, long.reshape(stack, 3 * units, times, batch).transpose(2, 0, 1, 3)),
        ]
        for t in range(times):
            both, r, z = gate(g[t], 0, 2), gate(g[t], 0, 1), gate(g[t], 1, 2)
            self.ahead += [
                partial(np.matmul, by_hidden, h[t], g[t]),
                partial(np.add, both, gate(given[t], 0, 2), both),
                partial(np.tanh, both, both),
                partial(np.multiply, both, half, both),
                partial(np.add, both, half, both),
                partial(np.add, gate(g[t], 2, 3), c, inner[t]),
                partial(np.multiply, r, inner[t], new[t]),
                partial(np.add, new[t], gate(given[t], 2, 3), new[t]),
                partial(np.tanh, new[t], new[t]),
                partial(np.subtract, h[t], new[t], work),
                partial(np.multiply, work, z, work),
                partial(np.add, work, new[t], h[t + 1]),
            ]
        self.finish()
        if wires.dy is None or wires.flat_grads is None:
            return
        # dn = dh slope_n, dz = dh slope_z, dr = dn slope_r; what h U gave to n has the gradient r dn. They lie in the
        # order r dn, dr, dz, dn: the first three are of h, with U in that order, the last three of the inputs.
        dh, hidden = self.dh, self.joint[:, split:].reshape(stack, units, 3, units)
        turned = self.zeros(stack, units, 3, units)
        turned_flat = turned.reshape(stack, units, 3 * units)
        slope, d = self.zeros(self.span, stack, 3 * units, batch), self.zeros(self.span, stack, 4 * units, batch)
        all_d, long_d = self.all_times(4 * units)
        all_h, long_h = self.all_times(units)
        self.back = [
            *self.begin_back(),
            partial(np.copyto, turned[:, :, 0], hidden[:, :, 2]),
            partial(np.copyto, turned[:, :, 1:], hidden[:, :, :2]),
        ]
        for start, stop in self.spans():
            place = slice(start, stop)
            self._slopes(g[place], inner[place], new[place], h[place], slope[: stop - start])
            for t in reversed(range(start, stop)):
                k = t - start
                dn = gate(d[k], 3, 4)
                self.back += [
                    partial(np.multiply, dh, gate(slope[k], 1, 2), gate(d[k], 2, 3)),
                    partial(np.multiply, dh, gate(slope[k], 2, 3), dn),
                    partial(np.multiply, dn, gate(slope[k], 0, 1), gate(d[k], 1, 2)),
                    partial(np.multiply, dn, gate(g[t], 0, 1), gate(d[k], 0, 1)),
                ]
                if t:
                    self.back += [
                        partial(np.multiply, dh, gate(g[t], 1, 2), work),
                        partial(np.matmul, turned_flat, gate(d[k], 0, 3), dh),
                        partial(np.add, dh, work, dh),
                        *self.before(t),
                    ]
            self.back.append(partial(np.copyto, all_d[start:stop], d[: stop - start]))
        by_input, by_hidden = self.joint_grads[:, :split], self.joint_grads[:, split:]
        rest = gate(long_d, 0, 1)
        self.back += [
            partial(np.copyto, all_h, h[:-1]),
            partial(np.matmul, long_x, gate(long_d, 1, 4).swapaxes(1, 2), by_input),
            partial(np.matmul, long_h, gate(long_d, 1, 3).swapaxes(1, 2), by_hidden[..., : 2 * units]),
            partial(np.matmul, long_h, rest.swapaxes(1, 2), by_hidden[..., 2 * units :]),
            partial(np.vecdot, rest, np.ones(times * batch, self.dtype), wires.grads["inner_bias"]),
            *self.by_inputs(gate(long_d, 1, 4)),
        ]

    def _slopes(self, g: np.ndarray, inner: np.ndarray, new: np.ndarray, h: np.ndarray, slope: np.ndarray) -> None:
        """Calls that fill the slopes of these times, with h before each of them."""
        one, gate = self.one, self.gate
        sigmoids, by_new, work = gate(slope, 0, 2), gate(slope, 2, 3), self.zeros(*new.shape)
        self.back += [
            partial(np.subtract, one, gate(g, 0, 2), sigmoids),
            partial(np.multiply, new, new, by_new),
            partial(np.subtract, one, by_new, by_new),
            partial(np.multiply, by_new, gate(slope, 1, 2), by_new),
            partial(np.multiply, sigmoids, gate(g, 0, 2), sigmoids),
            partial(np.multiply, gate(slope, 0, 1), inner, gate(slope, 0, 1)),
            partial(np.subtract, h, new, work),
            partial(np.multiply, gate(slope, 1, 2), work, gate(slope, 1, 2)),
        ]
