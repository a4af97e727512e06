"""The left side of a differential equation of what a network computes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from optbench.contract.layer import Calls, Layer, Op, Parameter, ReadyOp, Shape, Wires, memory
from optbench.nn.chain import Chain
from optbench.nn.held import bound_within, initial_within, parameters_within
from optbench.nn.jets import parts

EQUATIONS = ("poisson", "burgers")


@dataclass(frozen=True)
class Equation(Layer):
    """The left side r of an equation for u = (1 - x^2) N, with the layers `body`, on jets, for N.

        poisson   r = -u''
        burgers   r = u u' - viscosity u''    (at rest)

    x is the first input, and ' the derivative by it; further inputs are parameters of the solution. u is 0 at x = -1
    and x = 1 whatever N is, so that the equation is all there is to be learnt. With N' and N'' from the jets,

        u' = (1 - x^2) N' - 2 x N,    u'' = (1 - x^2) N'' - 4 x N' - 2 N.

    (Raissi, Perdikaris and Karniadakis 2019; Lagaris, Likas and Fotiadis 1998, for the boundary.)
    """

    body: tuple[Layer, ...]
    equation: str = "poisson"
    viscosity: float = 0.1
    reads_output = False

    def chain(self, shape: Shape) -> Chain:
        return Chain(self.body, (*shape, 3))

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        chain = self.chain(shape)
        within = parameters_within("body", chain)
        last = len(within) - len(chain.parameters[-1])
        return tuple(
            replace(p, part="head") if number >= last and p.role == "weight" and not p.part else p
            for number, p in enumerate(within)
        )

    def initial(self, shape: Shape) -> dict[str, np.ndarray]:
        return initial_within("body", self.chain(shape))

    def output(self, shape: Shape) -> Shape:
        return self.chain(shape).shapes[-1][:1]

    def op(self, wires: Wires) -> Op:
        return EquationOp(wires, self)

    def inside(self) -> Sequence[Layer]:
        return self.body


class EquationOp(ReadyOp):
    def __init__(self, wires: Wires, layer: Equation):
        super().__init__(wires)
        stack, batch, inputs = wires.x.shape
        chain, dtype = layer.chain((inputs,)), wires.x.dtype
        flat = chain.buffer(0, stack, batch, dtype)
        jets = memory(flat).reshape(stack, 3, inputs, batch, copy=False)
        jets[:, 1, 0] = 1  # x' = 1, and all else is constant
        dflat = None if wires.dx is None else chain.buffer(0, stack, batch, dtype, wide=False)
        self.body = bound_within("body", chain, wires, jets.transpose(0, 3, 2, 1), flat, dflat)
        x = memory(wires.x)
        self.enter: Calls = [partial(np.copyto, jets[:, 0], x)]
        self._equation(layer, x[:, :1], self.body.outputs[-1])
        self.part: Calls = []
        self.merge: Calls = []
        if self.body.dy is None or wires.dy is None:
            return
        units = layer.output((inputs,))[0]
        dn = memory(self.body.dy).reshape(stack, 3, units, batch, copy=False)
        dx = None if wires.dx is None else memory(wires.dx)
        inner = None if dflat is None else memory(dflat).reshape(stack, 3, inputs, batch, copy=False)
        self._gradient(layer, dn, memory(wires.dy))
        if dx is not None and inner is not None:
            self.merge = [partial(self._by_place, x[:, :1], dx, inner)]

    def _equation(self, layer: Equation, x: np.ndarray, n: np.ndarray) -> None:
        """Calls that fill y: from the jets n to those of u, u'', and of these the left side."""
        self.n, y = parts(n), memory(self.wires.y)
        u, u1, u2, work = (np.zeros(y.shape, y.dtype) for _ in range(4))
        bump, slope = np.zeros_like(x), np.zeros_like(x)  # 1 - x^2, and -2 x
        self.u, self.bump, self.slope, self.work = (u, u1, u2), bump, slope, work
        one, two = np.array(1, y.dtype), np.array(2, y.dtype)
        value, first, second = self.n
        self.leave: Calls = [
            partial(np.multiply, x, x, bump),
            partial(np.subtract, one, bump, bump),
            partial(np.multiply, x, -two, slope),
            partial(np.multiply, slope, first, u2),
            partial(np.subtract, u2, value, u2),
            partial(np.multiply, u2, two, u2),
            partial(np.multiply, bump, second, work),
            partial(np.add, u2, work, u2),
        ]
        if layer.equation == "poisson":
            self.leave.append(partial(np.negative, u2, y))
            return
        self.leave += [
            partial(np.multiply, bump, value, u),
            partial(np.multiply, bump, first, u1),
            partial(np.multiply, slope, value, work),
            partial(np.add, u1, work, u1),
            partial(np.multiply, u, u1, y),
            partial(np.multiply, u2, np.array(layer.viscosity, y.dtype), work),
            partial(np.subtract, y, work, y),
        ]

    def _gradient(self, layer: Equation, dn: np.ndarray, dy: np.ndarray) -> None:
        """Calls that fill the gradient by the jets n."""
        (u, u1, _), bump, slope, work = self.u, self.bump, self.slope, self.work
        dvalue, dfirst, dsecond = dn[:, 0], dn[:, 1], dn[:, 2]
        du, du1, du2 = (np.zeros(dy.shape, dy.dtype) for _ in range(3))
        two = np.array(2, dy.dtype)
        weight = -1.0 if layer.equation == "poisson" else -layer.viscosity
        self.part = [partial(np.multiply, dy, np.array(weight, dy.dtype), du2)]
        if layer.equation == "burgers":
            self.part += [partial(np.multiply, dy, u1, du), partial(np.multiply, dy, u, du1)]
        # Each of u, u' and u'' is a sum of the jets times functions of x.
        self.part += [
            partial(np.multiply, bump, du2, dsecond),
            partial(np.multiply, slope, du2, dfirst),
            partial(np.multiply, dfirst, two, dfirst),
            partial(np.multiply, du2, -two, dvalue),
        ]
        if layer.equation == "burgers":
            self.part += [
                partial(np.multiply, bump, du1, work),
                partial(np.add, dfirst, work, dfirst),
                partial(np.multiply, slope, du1, work),
                partial(np.add, dvalue, work, dvalue),
                partial(np.multiply, bump, du, work),
                partial(np.add, dvalue, work, dvalue),
            ]
        self.du = du, du1, du2

    def _by_place(self, x: np.ndarray, dx: np.ndarray, inner: np.ndarray) -> None:
        """The gradient by the inputs, which only a layer in front of this one asks for."""
        (value, first, second), (du, du1, du2) = self.n, self.du
        dx[...] = inner[:, 0]
        outer = -2 * x * value * du - 2 * (x * first + value) * du1 - (2 * x * second + 4 * first) * du2
        dx[:, :1] += outer.sum(axis=1, keepdims=True)

    def forward_calls(self, training: bool, fresh: bool) -> Calls:
        inner = [call for op in self.body.ops for call in op.forward_calls(training, fresh)]
        return [*self.enter, *inner, *self.leave]

    def backward_calls(self) -> Calls:
        inner = [call for op in reversed(self.body.ops) for call in op.backward_calls()]
        return [*self.part, *inner, *self.merge]

    def inside(self) -> Sequence[Op]:
        return self.body.ops
