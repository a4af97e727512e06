"""The plain recurrent layer: a tanh of the inputs and of the state before."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.layer import Op, Wires
from optbench.nn.recurrent import Recurrent, RecurrentOp


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
