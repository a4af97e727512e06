"""The gradient field of one small network: what it takes to see whether an optimizer asks for names, places or units.

Its tensors have every role and part that methods treat apart, and all of it is float64.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from optbench.contract.layout import Layout, Tensor

#: how many there are of each kind of unit: features of the inputs, tokens, hidden units, outputs of a gate, classes
UNITS = {"feature": 5, "token": 6, "hidden": 6, "gated": 4, "class": 3}
#: (name, role, part, the kinds of units along each axis); values and their gates lie side by side
TENSORS = (
    ("0.embedding.table", "weight", "embedding", (("token",), ("hidden",))),
    ("1.dense.weights", "weight", "", (("feature",), ("hidden",))),
    ("1.dense.bias", "bias", "", (("hidden",),)),
    ("2.norm.scale", "scale", "", (("hidden",),)),
    ("2.norm.shift", "shift", "", (("hidden",),)),
    ("3.gated.weights", "weight", "gates", (("hidden",), ("gated", "gated"))),
    ("3.gated.bias", "bias", "", (("gated", "gated"),)),
    ("4.dense.weights", "weight", "head", (("gated",), ("class",))),
    ("4.dense.bias", "bias", "", (("class",),)),
)
BATCHES, BATCH = 4, 12


@dataclass(frozen=True)
class Field:
    """Loss and gradient of a network of gated units on a few fixed mini-batches.

        h = tanh(s (X W + E[token] + b) + t),  [p q] = h G + c,  logits = tanh(p) sigmoid(q) V + d

    and the mean cross-entropy of three classes. `start` (size,) are first parameters, none of which is 0.
    """

    layout: Layout
    start: np.ndarray
    x: np.ndarray
    tokens: np.ndarray
    y: np.ndarray

    def __call__(self, step: int, w: np.ndarray) -> tuple[float, np.ndarray]:
        """(loss, gradient (size,)) of the step's mini-batch at w."""
        batch = step % BATCHES
        x, tokens, y = self.x[batch], self.tokens[batch], self.y[batch]
        table, first, b, scale, shift, gates, c, last, d = self.layout.views(w).values()
        sums = x @ first + tokens @ table + b
        h = np.tanh(sums * scale + shift)
        z = h @ gates + c
        units = UNITS["gated"]
        value, gate = np.tanh(z[:, :units]), 0.5 + 0.5 * np.tanh(0.5 * z[:, units:])
        u = value * gate
        logits = u @ last + d
        logits -= logits.max(axis=1, keepdims=True)
        e = np.exp(logits)
        total = e.sum(axis=1, keepdims=True)
        loss = float(np.log(total).sum() - (logits * y).sum()) / BATCH
        dlogits = (e / total - y) / BATCH
        du = dlogits @ last.T
        dz = np.hstack([du * gate * (1 - value * value), du * value * gate * (1 - gate)])
        dsums = dz @ gates.T * (1 - h * h)
        inner = dsums * scale
        parts = (
            *(tokens.T @ inner, x.T @ inner, inner.sum(axis=0)),
            *((dsums * sums).sum(axis=0), dsums.sum(axis=0)),
            *(h.T @ dz, dz.sum(axis=0)),
            *(u.T @ dlogits, dlogits.sum(axis=0)),
        )
        return loss, np.concatenate([part.ravel() for part in parts])


@cache
def field() -> Field:
    """The one field that all are compared on: do not write to its arrays."""
    tensors, offset = [], 0
    for name, role, part, axes in TENSORS:
        shape = tuple(sum(UNITS[unit] for unit in axis) for axis in axes)
        fan_in = 1 if part == "embedding" or len(shape) == 1 else shape[0]
        tensors.append(Tensor(name, shape, role, fan_in, UNITS[axes[-1][0]], int(name[0]), offset, part))
        offset += tensors[-1].size
    layout, rng = Layout(tensors), np.random.default_rng(17)
    start = rng.uniform(0.2, 0.8, layout.size) * rng.choice([-1.0, 1.0], layout.size)
    size = (BATCHES, BATCH)
    x = rng.normal(size=(*size, UNITS["feature"]))
    tokens = np.eye(UNITS["token"])[rng.integers(0, UNITS["token"], size)]
    y = np.eye(UNITS["class"])[rng.integers(0, UNITS["class"], size)]
    for array in (start, x, tokens, y):
        array.flags.writeable = False
    return Field(layout, start, x, tokens, y)
