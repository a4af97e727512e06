"""Recurrent layers: one set of weights for all times, and the hidden state after the last or after each.

Inputs are (time, features), or images, whose rows follow each other in time; or the times are an example's positions,
as behind an embedding. [x; 1; h] lies in one buffer for each
time, so that a step is one product; the slopes of all gates are made for all times at once before the way back, and
the gradient of the weights is one product over all times behind it.
"""

from dataclasses import dataclass
from functools import partial
from math import prod
from typing import ClassVar

import numpy as np

from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import Calls, FixedOp, Layer, Op, Parameter, Shape, Wires, memory


@dataclass(frozen=True)
class Recurrent(Layer):
    """What the three have in common: input and hidden weights, a bias, and the last state as output.

    every    the state after each time is output, as the positions of an example
    """

    units: int
    every: bool = False
    gates: ClassVar[int] = 1
    recurrent = True
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
        self.g = self.zeros(self.times, stack, columns, self.batch)
        self.work = self.zeros(stack, units, self.batch)
        # 0-d arrays: NumPy would convert a Python number at each call.
        self.one, self.two = np.array(1, self.dtype), np.array(2, self.dtype)
        self.ahead = [partial(np.copyto, places, x)]
        self.dg = self.zeros(self.times, stack, columns, self.batch)
        self.dh = self.zeros(stack, units, self.batch)
        if wires.flat_grads is not None:
            self.joint_grads = wires.flat_grads[:, :size].reshape(stack, rows, columns)

    def zeros(self, *shape: int) -> np.ndarray:
        return np.zeros(shape, self.dtype)

    def gate(self, array: np.ndarray, first: int, last: int) -> np.ndarray:
        """The gates from `first` to before `last` of (…, gates x units, batch)."""
        return array[..., first * self.units : last * self.units, :]

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

    def transposed(self, array: np.ndarray) -> tuple[Calls, np.ndarray]:
        """(time, stack, rows, batch) as (stack, rows, time x batch), with the calls that copy it."""
        times, stack, rows, batch = array.shape
        long = self.zeros(stack, rows, times, batch)
        return [partial(np.copyto, long, array.transpose(1, 2, 0, 3))], long.reshape(stack, rows, times * batch)

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

    def by_weights(self) -> Calls:
        """The gradients of input weights, bias and hidden weights, and dx, where all come from one product."""
        copy_g, dg = self.transposed(self.dg)
        copy_z, z = self.transposed(self.z[: self.times])
        product = partial(np.matmul, z, dg.swapaxes(1, 2), self.joint_grads)
        return [*copy_g, *copy_z, product, *self.by_inputs(dg)]


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
                partial(np.matmul, self.weights, self.z[t], self.g[t]),
                partial(np.tanh, self.g[t], self.h[t + 1]),
            ]
        self.finish()
        if wires.dy is None or wires.flat_grads is None:
            return
        slope = np.zeros_like(self.g)
        hidden = self.joint[:, self.features + 1 :]
        self.back = [
            partial(np.multiply, self.h[1:], self.h[1:], slope),
            partial(np.subtract, self.one, slope, slope),
            *self.begin_back(),
        ]
        for t in reversed(range(self.times)):
            self.back.append(partial(np.multiply, self.dh, slope[t], self.dg[t]))
            if t:
                self.back += [partial(np.matmul, hidden, self.dg[t], self.dh), *self.before(t)]
        self.back += self.by_weights()


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
    """Sigmoids are 1 / (1 + exp(-a)), tanh(a) = 2 s(2 a) - 1: signs and the 2 go into a copy of the weights."""

    def __init__(self, wires: Wires, layer: Recurrent):
        super().__init__(wires, layer)
        units = self.units
        one, two, gate, g, work = self.one, self.two, self.gate, self.g, self.work
        factor = np.full((4 * units, 1), -1, self.dtype)
        factor[3 * units :] = -2
        cell, squashed = self.zeros(self.times + 1, self.stack, units, self.batch), np.zeros_like(self.h[1:])
        self.ahead.append(partial(np.multiply, self.joint.swapaxes(1, 2), factor, self.weights))
        for t in range(self.times):
            o, i, f, new = (gate(g[t], k, k + 1) for k in range(4))
            self.ahead += [
                partial(np.matmul, self.weights, self.z[t], g[t]),
                partial(np.exp, g[t], g[t]),
                partial(np.add, g[t], one, g[t]),
                partial(np.divide, one, g[t], g[t]),
                partial(np.multiply, new, two, new),
                partial(np.subtract, new, one, new),
                partial(np.multiply, f, cell[t], cell[t + 1]),
                partial(np.multiply, i, new, work),
                partial(np.add, work, cell[t + 1], cell[t + 1]),
                partial(np.tanh, cell[t + 1], squashed[t]),
                partial(np.multiply, o, squashed[t], self.h[t + 1]),
            ]
        self.finish()
        if wires.dy is None or wires.flat_grads is None:
            return
        # do = dh slope_o, and di, df, dg = dc slope, with dc += dh through
        slope, through, square = np.zeros_like(g), np.zeros_like(squashed), np.zeros_like(squashed)
        gates, sigmoids = gate(g, 0, 3), gate(slope, 0, 3)
        self.back = [
            partial(np.subtract, one, gates, sigmoids),
            partial(np.multiply, sigmoids, gates, sigmoids),
            partial(np.multiply, gate(slope, 0, 1), squashed, gate(slope, 0, 1)),
            partial(np.multiply, gate(slope, 1, 2), gate(g, 3, 4), gate(slope, 1, 2)),
            partial(np.multiply, gate(slope, 2, 3), cell[:-1], gate(slope, 2, 3)),
            partial(np.multiply, gate(g, 3, 4), gate(g, 3, 4), square),
            partial(np.subtract, one, square, square),
            partial(np.multiply, square, gate(g, 1, 2), gate(slope, 3, 4)),
            partial(np.multiply, squashed, squashed, square),
            partial(np.subtract, one, square, square),
            partial(np.multiply, square, gate(g, 0, 1), through),
            *self.begin_back(),
        ]
        dc, dh, dg = self.zeros(self.stack, units, self.batch), self.dh, self.dg
        by_gate = (self.times, self.stack, 4, units, self.batch)
        dg4, slope4 = dg.reshape(by_gate, copy=False), slope.reshape(by_gate, copy=False)
        hidden = self.joint[:, self.features + 1 :]
        self.back.append(partial(dc.fill, 0))
        for t in reversed(range(self.times)):
            self.back += [
                partial(np.multiply, dh, gate(slope[t], 0, 1), gate(dg[t], 0, 1)),
                partial(np.multiply, dh, through[t], work),
                partial(np.add, dc, work, dc),
                partial(np.multiply, dc[:, None], slope4[t][:, 1:], dg4[t][:, 1:]),
            ]
            if t:
                self.back += [
                    partial(np.multiply, dc, gate(g[t], 2, 3), dc),
                    partial(np.matmul, hidden, dg[t], dh),
                    *self.before(t),
                ]
        self.back += self.by_weights()


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
        units = self.units
        one, gate, g, h, work = self.one, self.gate, self.g, self.h, self.work
        split, times, stack, batch = self.features + 1, self.times, self.stack, self.batch
        factor = np.full((3 * units, 1), -1, self.dtype)
        factor[2 * units :] = 1
        # What the inputs give is one product for all times.
        copy_x, x = self.transposed(self.z[:times, :, :split])
        long, given = self.zeros(stack, 3 * units, times * batch), np.zeros_like(g)
        inner, new = np.zeros_like(h[1:]), np.zeros_like(h[1:])
        by_input = self.zeros(stack, 3 * units, split)
        by_hidden = self.zeros(stack, 3 * units, units)
        c = wires.params["inner_bias"][..., None]
        self.ahead += [
            partial(np.multiply, self.joint[:, :split].swapaxes(1, 2), factor, by_input),
            partial(np.multiply, self.joint[:, split:].swapaxes(1, 2), factor, by_hidden),
            *copy_x,
            partial(np.matmul, by_input, x, long),
            partial(np.copyto, given, long.reshape(stack, 3 * units, times, batch).transpose(2, 0, 1, 3)),
        ]
        for t in range(times):
            both, r, z = gate(g[t], 0, 2), gate(g[t], 0, 1), gate(g[t], 1, 2)
            self.ahead += [
                partial(np.matmul, by_hidden, h[t], g[t]),
                partial(np.add, both, gate(given[t], 0, 2), both),
                partial(np.exp, both, both),
                partial(np.add, both, one, both),
                partial(np.divide, one, both, both),
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
        # dn = dh slope_n, dz = dh slope_z, dr = dn slope_r; what h U gave to n has the gradient r dn
        slope, square, rest = np.zeros_like(g), np.zeros_like(new), np.zeros_like(new)
        gates, sigmoids = gate(g, 0, 2), gate(slope, 0, 2)
        self.back = [
            partial(np.subtract, one, gates, sigmoids),
            partial(np.copyto, rest, gate(slope, 1, 2)),
            partial(np.multiply, sigmoids, gates, sigmoids),
            partial(np.multiply, gate(slope, 0, 1), inner, gate(slope, 0, 1)),
            partial(np.subtract, h[:-1], new, square),
            partial(np.multiply, gate(slope, 1, 2), square, gate(slope, 1, 2)),
            partial(np.multiply, new, new, square),
            partial(np.subtract, one, square, square),
            partial(np.multiply, square, rest, gate(slope, 2, 3)),
            *self.begin_back(),
        ]
        dh, dg, dg_hidden = self.dh, self.dg, np.zeros_like(g)
        by_gate = (times, stack, 3, units, batch)
        dg3, slope3 = dg.reshape(by_gate, copy=False), slope.reshape(by_gate, copy=False)
        hidden = self.joint[:, split:]
        for t in reversed(range(times)):
            self.back += [
                partial(np.multiply, dh[:, None], slope3[t][:, 1:], dg3[t][:, 1:]),
                partial(np.multiply, gate(dg[t], 2, 3), gate(slope[t], 0, 1), gate(dg[t], 0, 1)),
                partial(np.copyto, gate(dg_hidden[t], 0, 2), gate(dg[t], 0, 2)),
                partial(np.multiply, gate(dg[t], 2, 3), gate(g[t], 0, 1), gate(dg_hidden[t], 2, 3)),
            ]
            if t:
                self.back += [
                    partial(np.multiply, dh, gate(g[t], 1, 2), work),
                    partial(np.matmul, hidden, dg_hidden[t], dh),
                    partial(np.add, dh, work, dh),
                    *self.before(t),
                ]
        copy_g, long_g = self.transposed(dg)
        copy_gh, long_gh = self.transposed(dg_hidden)
        copy_h, long_h = self.transposed(h[:-1])
        ones = np.ones(times * batch, self.dtype)
        self.back += [
            *(*copy_g, *copy_gh, *copy_h),
            partial(np.matmul, x, long_g.swapaxes(1, 2), self.joint_grads[:, :split]),
            partial(np.matmul, long_h, long_gh.swapaxes(1, 2), self.joint_grads[:, split:]),
            partial(np.vecdot, gate(long_gh, 2, 3), ones, wires.grads["inner_bias"]),
            *self.by_inputs(long_g),
        ]
