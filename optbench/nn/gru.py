"""The gated recurrent unit: two gates, and no state but the hidden one."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from optbench.contract.layer import Op, Parameter, Shape, Wires
from optbench.nn.recurrent import Recurrent, RecurrentOp


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
