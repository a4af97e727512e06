"""A layer written on plain arrays, one row an example: slow, and safe from how the arrays of ops lie in memory.

For elementwise functions, and for those of each example by itself. `op` gives copies and checks what comes back; where
it pays a layer is then written as an `Op`, with this one beside it in a test. See docs/layers.md.
"""

from typing import Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Layer, Op, Wires


class PlainLayer(Layer):
    """The description of a layer by two plain functions. A frozen dataclass whose fields are its settings.

    The rows of x are the examples of a mini-batch, or the positions of them (tokens, patches): a function of each row
    by itself. It draws no chance, and is the same in training and evaluation. Trained tensors are declared by
    `parameters`, outputs of another shape by `output`.
    """

    reads_output = False

    def forward(self, x: np.ndarray, params: dict[str, np.ndarray]) -> tuple[np.ndarray, Any]:
        """(y, cache) of x (rows, *features) and the tensors by name; the cache is what `backward` wants to know.

        x and params are copies: they may be changed. y is (rows, *output(features)).
        """
        raise NotImplementedError

    def backward(self, dy: np.ndarray, cache: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """(dx, grads) of the gradient dy of the loss by y: dx is like x, and grads has each tensor's, summed over rows.

        dy is the gradient of the mean loss, divided by the number of examples already.
        """
        raise NotImplementedError

    def op(self, wires: Wires) -> Op:
        return PlainOp(wires, self)


class PlainOp(Op):
    """A plain layer at work: one trial of the stack after the other, on copies."""

    def __init__(self, wires: Wires, layer: PlainLayer):
        super().__init__(wires)
        self.layer = layer
        self.caches: list[Any] = [None] * len(wires.x)

    def forward(self, training: bool, fresh: bool) -> None:
        wires = self.wires
        for k, (x, y) in enumerate(zip(wires.x, wires.y, strict=True)):
            params = {name: np.array(tensor[k], order="C") for name, tensor in wires.params.items()}
            found = self._pair("forward", "(y, cache)", self.layer.forward(np.array(x, order="C"), params))
            y[...] = self._like("forward", "y", y, found[0])
            self.caches[k] = found[1]

    def backward(self) -> None:
        wires = self.wires
        assert wires.dy is not None
        for k, dy in enumerate(wires.dy):
            found = self.layer.backward(np.array(dy, order="C"), self.caches[k])
            dx, grads = self._pair("backward", "(dx, grads)", found)
            if wires.dx is not None:
                wires.dx[k] = self._like("backward", "dx", wires.x[k], dx)
            if not isinstance(grads, dict) or set(grads) != set(wires.grads):
                names = ", ".join(wires.grads) or "none, {}"
                got = ", ".join(map(str, grads)) if isinstance(grads, dict) else type(grads).__name__
                raise self._wrong("backward", f"a dict of gradients ({names})", got or "{}")
            for name, place in wires.grads.items():
                place[k] = self._like("backward", f"the gradient of {name}", place[k], grads[name])

    def _pair(self, method: str, what: str, found: Any) -> tuple[Any, Any]:
        if not isinstance(found, tuple) or len(found) != 2:
            raise self._wrong(method, f"a pair {what}", type(found).__name__)
        return found

    def _like(self, method: str, what: str, place: np.ndarray, given: Any) -> np.ndarray:
        array = np.asarray(given)
        if array.shape != place.shape or array.dtype.kind not in "fiub":
            expected = f"{what} of shape {place.shape} in real numbers"
            raise self._wrong(method, expected, f"{array.dtype} of shape {array.shape}")
        return array

    def _wrong(self, method: str, expected: str, got: str) -> OptbenchError:
        return OptbenchError(f"layer {type(self.layer).__qualname__}: {method} must give {expected}, got {got}")
