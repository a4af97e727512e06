"""A tree of arrays (a pytree) as pieces of a flat vector, and back; and what each leaf is in the layout.

JAX's own matrices have inputs first and units last, as optbench's tensors have: a leaf lies in the vector as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from optbench import ComponentError, Layout, Parameter, Tensor

#: what a user may say of a leaf
ROLES = ("weight", "bias", "scale", "shift", "embedding", "gates", "head")
#: last parts of a product's name whose units are queries, keys and values side by side
TRIPLE = ("qkv", "c_attn", "to_qkv", "in_proj", "query_key_value")
#: parts of a name that is learned places, or a table of vectors that are looked up
TABLES = ("pos", "embed", "token", "cls", "table")
#: parts of a name of the product that gives the logits
HEADS = ("head", "logits", "classifier", "readout", "unembed")
#: names of vectors that are weights: of a product with one output
VECTORS = ("w", "weight", "weights", "kernel", "coef")


@dataclass(frozen=True)
class Leaf:
    """A leaf that is trained.

    number   of all leaves of the tree
    asked    its name ("blocks.0.attention.w"), its shape, and what the layout is told of it
    """

    number: int
    asked: Parameter


class Tree:
    """Which leaves of a tree are trained: those of floats. All others stay as they are.

    where   names it in a message
    roles   {name of a leaf: one of ROLES}, where the rules below are wrong
    """

    def __init__(self, where: str, tree: Any, roles: Mapping[str, str] | None = None):
        self.where, self.tree = where, tree
        named, self.structure = _flattened(where, tree)
        self.constants: list[Any] = []
        self.leaves: list[Leaf] = []
        roles = roles or {}
        for number, (name, leaf) in enumerate(named):
            kind = kind_of(f"{where}: {name}", leaf)
            self.constants.append(None if kind == "float" else leaf if kind == "key" else np.array(leaf))
            if kind == "float":
                self.leaves.append(Leaf(number, _asked(where, name, np.shape(leaf), roles.get(name))))
        names = [leaf.asked.name for leaf in self.leaves]
        for name in roles:
            if name not in names:
                raise ComponentError(f"{where}: roles names {name!r}, which is none of {', '.join(names)}")
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ComponentError(f"{where}: two leaves are called {twice}: give their keys other names")

    @property
    def layout(self) -> Layout:
        tensors: list[Tensor] = []
        layers: dict[str, int] = {}
        offset = 0
        for leaf in self.leaves:
            asked = leaf.asked
            layer = layers.setdefault(asked.name.rpartition(".")[0], len(layers))
            tensors.append(
                Tensor(asked.name, asked.shape, asked.role, asked.fan_in, asked.fan_out, layer, offset, asked.part)
            )
            offset += tensors[-1].size
        return Layout(tensors)

    @property
    def size(self) -> int:
        return sum(prod(leaf.asked.shape) for leaf in self.leaves)

    def cut(self, flat: Any) -> list[Any]:
        """The trained leaves of a flat vector."""
        return [flat[begin:end].reshape(leaf.asked.shape) for leaf, begin, end in self._pieces()]

    def grown(self, leaves: Sequence[Any]) -> Any:
        """The tree with these trained leaves."""
        import jax

        found = list(self.constants)
        for leaf, value in zip(self.leaves, leaves, strict=True):
            found[leaf.number] = value
        return jax.tree.unflatten(self.structure, found)

    def values(self, tree: Any) -> dict[str, np.ndarray]:
        """The trained leaves by name of a tree of the same structure and shapes."""
        named, structure = _flattened(self.where, tree)
        found = {}
        for leaf in self.leaves:
            value = named[leaf.number][1] if structure == self.structure else None
            if structure != self.structure or np.shape(value) != leaf.asked.shape:
                raise ComponentError(
                    f"{self.where}: the tree has another structure or other shapes than with the seed 0; only its "
                    "values may differ"
                )
            found[leaf.asked.name] = np.array(value, np.float64)
        return found

    def fill(self, flat: np.ndarray, leaves: Sequence[Any]) -> None:
        """Put trained leaves into their places."""
        # Leaf by leaf: jax's own concatenation takes ten times as long.
        for (_, begin, end), value in zip(self._pieces(), leaves, strict=True):
            flat[begin:end] = np.asarray(value).reshape(-1)

    def _pieces(self) -> Iterator[tuple[Leaf, int, int]]:
        offset = 0
        for leaf in self.leaves:
            size = prod(leaf.asked.shape)
            yield leaf, offset, offset + size
            offset += size


class Memory:
    """A tree of what a step changes beside the parameters (running statistics), as arrays by name."""

    def __init__(self, where: str, tree: Any):
        named, self.structure = _flattened(where, tree)
        self.where, self.dtypes = where, {}
        self.first: dict[str, np.ndarray] = {}
        for name, leaf in named:
            kind = kind_of(f"{where}: {name}", leaf)
            if kind == "key":
                raise ComponentError(f"{where}: {name} is a random key; ask for key in place of keeping one")
            self.dtypes[name] = None if kind == "float" else np.asarray(leaf).dtype
            self.first[name] = np.array(leaf, np.float64)

    def grown(self, arrays: Mapping[str, Any]) -> Any:
        """The tree of arrays, whatever their dtype; what is no float in it becomes what it is there."""
        import jax

        # Without float64 jax has no int64 either.
        known = jax.dtypes.canonicalize_dtype
        parts = [arrays[n] if d is None else arrays[n].astype(known(d)) for n, d in self.dtypes.items()]
        return jax.tree.unflatten(self.structure, parts)

    def arrays(self, tree: Any, dtype: Any) -> dict[str, Any]:
        """The leaves by name, in this dtype, of a tree that a step gave."""
        import jax
        import jax.numpy as jnp

        leaves, structure = jax.tree.flatten(tree)
        shapes = [np.shape(leaf) for leaf in leaves]
        if structure != self.structure or shapes != [a.shape for a in self.first.values()]:
            raise ComponentError(f"{self.where}: a step gives a state of another structure or of other shapes")
        return {name: jnp.asarray(leaf).astype(dtype) for name, leaf in zip(self.first, leaves, strict=True)}


def kind_of(what: str, leaf: Any) -> str:
    """What a leaf is: a "float", another "number", a random "key". `what` names it in a message."""
    import jax

    dtype = leaf.dtype if hasattr(leaf, "dtype") else np.asarray(leaf).dtype
    if jax.dtypes.issubdtype(dtype, jax.dtypes.prng_key):
        return "key"
    if jax.dtypes.issubdtype(dtype, np.floating):
        return "float"
    if jax.dtypes.issubdtype(dtype, np.integer) or dtype == np.bool_:
        return "number"
    if jax.dtypes.issubdtype(dtype, np.complexfloating):
        raise ComponentError(f"{what} is complex; give its real and imaginary parts as leaves")
    raise ComponentError(
        f"{what} is a {type(leaf).__name__}, no array; register its class by jax.tree_util.register_dataclass, or "
        "leave it out of the tree"
    )


def frozen(tree: Any) -> Any:
    """The same tree with arrays of NumPy in place of jax's: they travel to other processes without a device."""
    import jax

    def one(leaf: Any) -> Any:
        key = hasattr(leaf, "dtype") and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        return np.array(leaf) if isinstance(leaf, jax.Array) and not key else leaf

    return jax.tree.map(one, tree)


def _flattened(where: str, tree: Any) -> tuple[list[tuple[str, Any]], Any]:
    import jax

    try:
        paths, structure = jax.tree_util.tree_flatten_with_path(tree)
    except Exception as error:  # keys that cannot be sorted; whatever a user's class does
        raise ComponentError(f"{where}: it is no tree of arrays: {error}") from error
    return [(jax.tree_util.keystr(path, simple=True, separator=".") or "w", leaf) for path, leaf in paths], structure


def _asked(where: str, name: str, shape: tuple[int, ...], told: str | None) -> Parameter:
    if told is not None and told not in ROLES:
        raise ComponentError(f"{where}: roles: {name} = {told!r} is none of {', '.join(ROLES)}")
    role = told or _role(name.lower().split("."), shape)
    part = role if role in ("embedding", "gates", "head") else ""
    units = shape[-1] if shape else 1
    if part == "embedding":
        return Parameter(name, shape, "weight", units, units, part)
    count = units // 3 if part == "gates" and units % 3 == 0 else units
    fan_in, fan_out = (prod(shape[:-1]), prod(shape[:-2]) * count) if len(shape) > 1 else (1, units)
    if len(shape) == 1 and role == "weight":
        fan_in, fan_out = units, 1
    return Parameter(name, shape, "weight" if part else role, fan_in, fan_out, part)


def _role(path: Sequence[str], shape: tuple[int, ...]) -> str:
    """By name and shape; a part of the network that is a weight says which."""
    leaf = path[-1]
    if "bias" in leaf or leaf == "b":
        return "bias"
    if len(shape) < 2:
        if any(word in leaf for word in ("scale", "gamma", "gain")) or leaf == "g" or not shape:
            return "scale"
        if any(word in leaf for word in ("shift", "beta", "offset")):
            return "shift"
        return "weight" if leaf in VECTORS else "bias"
    if any(part.endswith(HEADS) for part in path):
        return "head"
    if any(word in part for part in path[-2:] for word in TABLES):
        return "embedding"
    return "gates" if any(part in TRIPLE for part in path[-2:]) and shape[-1] % 3 == 0 else "weight"
