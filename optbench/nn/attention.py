"""Multi-head self-attention between the positions of an example.

Arrays are features x tokens, as they lie in memory: heads are views, and nothing is transposed. Scores are (keys,
queries), so that the values' product takes them as they are. Their scale is in a copy of the weights.

The softmax is not divided by its sum, nor is the largest score subtracted first: a row of ones under the values gives
the sums with their product, and one division of the outputs does the rest. Where a sum shows that a score was too large
or all of a query's too small for that, this row of the stack is done again with the largest subtracted (`_again`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, Layer, Op, Parameter, ReadyOp, Shape, Wires, memory
from optbench.nn.chain import BoundChain, Chain
from optbench.nn.held import Scope

#: bytes of scores that are worked on while they are in cache; a step with 16 MB of them is 5 % faster so
CACHED = 1 << 20
#: sums of exponentials within these bounds lost nothing, and divide gradients without overflow
LEAST, MOST = 1e-20, 1e20


@dataclass(frozen=True)
class SelfAttention(Layer):
    """For each position q and each of `heads`: y[q] = (sum over keys k of p[k, q] v[k]) W + b, all heads side by side,
    with p[k, q] = exp(s[k, q]) / sum over j of exp(s[j, q]) and s[k, q] = key[k] . query[q] / sqrt(units / heads).

    causal     a position attends to itself and those before it only
    dropout    layers without parameters that act on p, each number by itself

    Queries, keys and values are x Q + b, one joint tensor with columns in this order, each by heads. (Vaswani et al.
    2017, Attention is all you need.)
    """

    heads: int
    causal: bool = False
    dropout: tuple[Layer, ...] = ()
    wide = True
    reads_output = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "dropout", tuple(self.dropout))

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        units = shape[-1]
        if len(shape) != 1 or self.heads < 1 or units % self.heads:
            raise OptbenchError(f"self-attention: {self.heads} heads do not divide features of shape {shape}")
        return (
            Parameter("qkv", (units, 3 * units), "weight", units, units, "gates"),
            Parameter("qkv_bias", (3 * units,), "bias", units, units),
            Parameter("weight", (units, units), "weight", units, units),
            Parameter("bias", (units,), "bias", units, units),
        )

    def op(self, wires: Wires) -> Op:
        return SelfAttentionOp(wires, self)

    def inside(self) -> Sequence[Layer]:
        return self.dropout


class SelfAttentionOp(ReadyOp):
    def __init__(self, wires: Wires, layer: SelfAttention):
        super().__init__(wires)
        self.dtype = wires.x.dtype
        stack, rows, width = wires.x.shape
        units, heads, times = width - 1, layer.heads, wires.positions
        self.shape = stack, rows // times, heads, units // heads, times
        (_, batch, _, size, _), split = self.shape, width * 3 * units
        self.joint = wires.flat[:, :split].reshape(stack, width, 3 * units)
        self.outer = wires.flat[:, split:].reshape(stack, width, units)
        self.scale = self.full(1, 3 * units)
        self.scale[:units] = 1 / sqrt(size)
        scaled, projected = np.zeros_like(self.joint), self.full(0, stack, 3 * units, rows)
        self.queries, self.keys, values = (self.by_head(projected, part) for part in range(3))
        # The last row: ones under the values, their sums under the outputs.
        self.values, self.outputs = (self.full(one, stack, batch, heads, size + 1, times) for one in (1, 0))
        self.sums = self.outputs[..., size:, :]
        self.least, self.most = self.full(0, 2, stack)
        self.inverse = np.zeros_like(self.sums)
        self.weights = self.full(0, stack, batch, heads, times, times)
        self.mask = np.triu(self.full(1, times, times)) if layer.causal else None
        self.attended = self.full(1, stack, width, rows)
        self.attended_heads = self.by_head(self.attended[:, :units], 0)
        step = max(1, CACHED // max(1, self.weights[:, :1].nbytes))
        self.parts = [slice(first, first + step) for first in range(0, batch, step)]
        self.drops = self._bound(layer.dropout) if layer.dropout else None
        self.dropped = self.weights if self.drops is None else self._as_weights(self.drops.y)
        self.front: Calls = [
            partial(np.multiply, self.joint, self.scale, scaled),
            partial(np.matmul, scaled.swapaxes(1, 2), memory(wires.x), projected),
            partial(np.copyto, self.values[..., :size, :], values),
        ]
        products = [partial(np.matmul, self.values[:, p], self.weights[:, p], self.outputs[:, p]) for p in self.parts]
        for part, product in zip(self.parts, products, strict=True):
            self.front += [*self._exponentials(part), product]
        self.front.append(self._check)
        self.end: Calls = [
            partial(np.divide, self.full(1), self.sums, self.inverse),
            partial(np.multiply, self.outputs[..., :size, :], self.inverse, self.attended_heads),
            partial(np.matmul, self.outer.swapaxes(1, 2), self.attended, memory(wires.y)),
        ]
        if self.drops is not None:
            # The sums are of the weights before dropout, the outputs of those behind it.
            again = partial(np.matmul, self.values[..., :size, :], self.dropped, self.outputs[..., :size, :])
            self.end.insert(0, again)
        self.back_front: Calls = []
        self.back_end: Calls = []
        if wires.dy is not None and wires.flat_grads is not None:
            self._backward(wires, scaled, split)

    def full(self, value: float, *shape: int) -> np.ndarray:
        return np.full(shape, value, self.dtype)

    def by_head(self, array: np.ndarray, part: int) -> np.ndarray:
        """(stack, batch, heads, units of a head, times): queries, keys or values in (stack, parts x units, rows)."""
        stack, batch, heads, size, times = self.shape
        parts = array.reshape(stack, -1, heads, size, batch, times, copy=False)
        return parts[:, part].transpose(0, 3, 1, 2, 4)

    def _bound(self, layers: Sequence[Layer]) -> BoundChain:
        """The layers on all weights as features, with the queries as rows."""
        stack, batch, heads, _, times = self.shape
        chain = Chain(layers, (batch * heads * times,))
        if chain.size or any(layer.initial((1,)) for layer in layers):
            raise OptbenchError(f"layers on attention weights cannot have parameters or statistics: {list(layers)}")
        x, dx = (a.reshape(stack, -1, times).swapaxes(1, 2) for a in (self.weights, np.zeros_like(self.weights)))
        scopes = [Scope(self.wires.memory, weights_prefix(number)) for number, _ in enumerate(layers)]
        none = np.zeros((stack, 0), self.dtype)
        grads = None if self.wires.flat_grads is None else none
        states: list[dict[str, np.ndarray]] = [{} for _ in layers]
        self.dweights = dx
        return BoundChain(chain, x, x, None if grads is None else dx, none, grads, states, scopes, self.wires.rngs)

    def _as_weights(self, flat: np.ndarray) -> np.ndarray:
        """(stack, queries, batch x heads x keys) as (stack, batch, heads, keys, queries)."""
        return flat.swapaxes(1, 2).reshape(self.weights.shape, copy=False)

    def _exponentials(self, part: slice) -> Calls:
        p = self.weights[:, part]
        calls: Calls = [
            partial(np.matmul, self.keys[:, part].swapaxes(-1, -2), self.queries[:, part], p),
            partial(np.exp, p, p),
        ]
        return calls if self.mask is None else [*calls, partial(np.multiply, p, self.mask, p)]

    def _check(self) -> None:
        np.minimum.reduce(self.sums, (1, 2, 3, 4), None, self.least)
        np.maximum.reduce(self.sums, (1, 2, 3, 4), None, self.most)
        for row, (least, most) in enumerate(zip(self.least.tolist(), self.most.tolist(), strict=True)):
            # Not so of NaN, either, which an infinite number times the mask's 0 is.
            if not (least >= LEAST and most <= MOST):
                self._again(row)

    def _again(self, row: int) -> None:
        """The weights, sums and outputs of a row of the stack, with each query's largest score subtracted."""
        for example, p in enumerate(self.weights[row]):
            np.matmul(self.keys[row, example].swapaxes(-1, -2), self.queries[row, example], p)
            if self.mask is not None:
                np.copyto(p, -np.inf, where=self.mask == 0)
            np.subtract(p, p.max(axis=-2, keepdims=True), p)
            np.exp(p, p)
        np.matmul(self.values[row], self.weights[row], self.outputs[row])

    def _backward(self, wires: Wires, scaled: np.ndarray, split: int) -> None:
        assert wires.dy is not None
        assert wires.flat_grads is not None
        (stack, _, heads, size, times), rows = self.shape, wires.x.shape[1]
        units = heads * size
        joint_grads = wires.flat_grads[:, :split].reshape(self.joint.shape)
        outer_grads = wires.flat_grads[:, split:].reshape(self.outer.shape)
        dattended, dprojected = self.full(0, stack, units, rows), self.full(0, stack, 3 * units, rows)
        dheads = self.by_head(dattended, 0)
        dq, dk, dv = (self.by_head(dprojected, part) for part in range(3))
        # d = do / sum, and under it minus the sum over units of d o: what the division takes from each weight
        d = np.zeros_like(self.outputs)
        through, taken = d[..., :size, :], d[..., size:, :]
        products = np.zeros_like(through)
        dy = memory(wires.dy)
        self.back_front = [
            partial(np.matmul, self.attended, dy.swapaxes(1, 2), outer_grads),
            partial(np.matmul, self.outer[:, :-1], dy, dattended),
            partial(np.multiply, dheads, self.inverse, through),
            partial(np.multiply, through, self.attended_heads, products),
            partial(np.matmul, self.full(-1, 1, size), products, taken),
        ]
        dropped = self.dropped.swapaxes(-1, -2)
        if self.drops is None:
            dweights = self.full(0, stack, self.parts[0].stop, heads, times, times)
        else:
            assert self.drops.dy is not None
            dweights, ddropped = self._as_weights(self.dweights), self._as_weights(self.drops.dy)
            self.back_front.append(partial(np.matmul, self.values[..., :size, :].swapaxes(-1, -2), through, ddropped))
        for part in self.parts:
            p = self.weights[:, part]
            if self.drops is None:
                ds = dweights[:, : p.shape[1]]
                self.back_end.append(partial(np.matmul, self.values[:, part].swapaxes(-1, -2), d[:, part], ds))
            else:
                ds = dweights[:, part]
                self.back_end.append(partial(np.add, ds, taken[:, part], ds))
            self.back_end += [
                partial(np.multiply, ds, p, ds),
                partial(np.matmul, through[:, part], dropped[:, part], dv[:, part]),
                partial(np.matmul, self.keys[:, part], ds, dq[:, part]),
                partial(np.matmul, self.queries[:, part], ds.swapaxes(-1, -2), dk[:, part]),
            ]
        self.back_end += [
            partial(np.matmul, memory(wires.x), dprojected.swapaxes(1, 2), joint_grads),
            partial(np.multiply, joint_grads, self.scale, joint_grads),
        ]
        if wires.dx is not None:
            self.back_end.append(partial(np.matmul, scaled[:, :-1], dprojected, memory(wires.dx)))

    def forward_calls(self, training: bool, fresh: bool) -> Calls:
        inner = [call for op in self.inside() for call in op.forward_calls(training, fresh)]
        return [*self.front, *inner, *self.end]

    def backward_calls(self) -> Calls:
        inner = [call for op in reversed(self.inside()) for call in op.backward_calls()]
        return [*self.back_front, *inner, *self.back_end]

    def inside(self) -> Sequence[Op]:
        return () if self.drops is None else self.drops.ops


def weights_prefix(number: int) -> str:
    """What the names of the memory of a layer on the weights begin with: "weights.0."."""
    return f"weights.{number}."
