"""Where each tensor of a network lies in its one flat parameter vector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import overload

import numpy as np

from optbench.contract.errors import OptbenchError

ROLES = ("weight", "bias", "scale", "shift", "point")
PARTS = ("", "embedding", "gates", "head")


@dataclass(frozen=True)
class Tensor:
    """One tensor of the flat vector.

    `fan_in` and `fan_out` count the connections that enter and leave one unit (a 3x3 convolution of C
    channels into O: 9 C and 9 O). `layer` is the index of its layer. `role` is "weight", "bias",
    "scale" or "shift" (a normalizer's gamma and beta), or "point" (a coordinate of an analytic function, say).
    `part` says where a weight stands, for methods that treat some apart: "embedding" (a table of vectors that are
    looked up), "gates" (several matrices side by side along the last axis, each with `fan_out` columns: a cell's
    gates, or queries, keys and values), "head" (what gives the logits), or "" (any other).
    `start` are first values of a bias, scale or shift, each for as many of its entries, in order (a gate's open bias);
    (): a scale starts at 1, and what else no initializer draws at 0.
    """

    name: str
    shape: tuple[int, ...]
    role: str
    fan_in: int = 1
    fan_out: int = 1
    layer: int = 0
    offset: int = 0
    part: str = ""
    start: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def slice(self) -> slice:
        return slice(self.offset, self.offset + self.size)


class Layout(Sequence[Tensor]):
    """The tensors of a flat vector, in order; a sequence of `Tensor`."""

    def __init__(self, tensors: Sequence[Tensor]):
        self.tensors = tuple(tensors)
        self.size = sum(t.size for t in self.tensors)
        self._masks: dict[str, np.ndarray] = {}

    @classmethod
    def of(cls, shapes: Mapping[str, tuple[int, ...]], roles: str | Mapping[str, str] = "weight") -> "Layout":
        """A layout of tensors laid one after the other: for problems of one's own, tests and small experiments.

        roles   one of ROLES for all, or by name; what is not named is a weight

        >>> Layout.of({"a": (2, 3), "b": (4,)}).size
        10
        >>> Layout.of({"W": (2, 3), "b": (3,)}, {"b": "bias"}).weights
        (slice(0, 6, None),)
        """
        named = dict.fromkeys(shapes, roles) if isinstance(roles, str) else roles
        unknown = [name for name in named if name not in shapes]
        unknown += [role for role in named.values() if role not in ROLES]
        if unknown:
            known = f"a tensor ({', '.join(shapes)}) nor a role ({', '.join(ROLES)})"
            raise OptbenchError(f"Layout.of: {unknown[0]!r} is neither {known}")
        tensors, offset = [], 0
        for number, (name, shape) in enumerate(shapes.items()):
            fan_in = prod(shape[:-1]) if len(shape) > 1 else 1
            role = named.get(name, "weight")
            tensors.append(Tensor(name, shape, role, fan_in, shape[-1] if shape else 1, number, offset))
            offset += prod(shape)
        return cls(tensors)

    @overload
    def __getitem__(self, index: int) -> Tensor: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Tensor, ...]: ...

    def __getitem__(self, index: int | slice) -> Tensor | tuple[Tensor, ...]:
        return self.tensors[index]

    def __len__(self) -> int:
        return len(self.tensors)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and self.tensors == other.tensors

    def __hash__(self) -> int:
        return hash(self.tensors)

    def views(self, vector: np.ndarray) -> dict[str, np.ndarray]:
        """The tensors of a flat vector (…, size), by name, as views of shape (…, *shape)."""
        lead = vector.shape[:-1]
        return {t.name: vector[..., t.slice].reshape((*lead, *t.shape)) for t in self.tensors}

    def mask(self, role: str) -> np.ndarray:
        """A boolean vector (size,), true where a tensor has this role. Cached: do not write to it."""
        if role not in self._masks:
            mask = np.zeros(self.size, bool)
            for t in self.tensors:
                if t.role == role:
                    mask[t.slice] = True
            mask.flags.writeable = False
            self._masks[role] = mask
        return self._masks[role]

    @cached_property
    def weights(self) -> tuple[slice, ...]:
        """The slices of the weights, neighbours merged: a penalty loops over these, not over a mask."""
        merged: list[slice] = []
        for t in self.tensors:
            if t.role in ("weight", "point"):
                if merged and merged[-1].stop == t.offset:
                    merged[-1] = slice(merged[-1].start, t.slice.stop)
                else:
                    merged.append(t.slice)
        return tuple(merged)

    @staticmethod
    def matrix(tensor: Tensor) -> tuple[int, int]:
        """The shape of a tensor seen as a matrix of inputs x outputs: (3, 3, C, O) -> (9 C, O)."""
        if not tensor.shape:
            return (1, 1)
        return (prod(tensor.shape[:-1]), tensor.shape[-1])
