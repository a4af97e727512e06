"""Long short-term memory: three gates, and a cell beside the hidden state."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from optbench.contract.layer import Op, Wires
from optbench.nn.recurrent import Recurrent, RecurrentOp


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
