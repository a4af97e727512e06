"""Layers that hold a chain of layers: what is within by name, and the chain at work on the holder's own arrays."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from optbench.contract.layer import Layer, Parameter, Wires, memory
from optbench.nn.chain import Arrays, BoundChain, Chain


def prefix(way: str, number: int, layer: Layer) -> str:
    """What the names of a layer within begin with: "body.0.dense."."""
    return f"{way}.{number}.{type(layer).__name__.lower()}."


def parameters_within(way: str, chain: Chain) -> tuple[Parameter, ...]:
    """The tensors of a chain, in its order, as the holder declares them."""
    return tuple(
        replace(p, name=prefix(way, number, layer) + p.name)
        for number, (layer, own) in enumerate(zip(chain.layers, chain.parameters, strict=True))
        for p in own
    )


def initial_within(way: str, chain: Chain) -> dict[str, np.ndarray]:
    """Running statistics of a chain at the start, as the holder declares them."""
    return {
        prefix(way, number, layer) + key: array
        for number, (layer, before) in enumerate(zip(chain.layers, chain.shapes, strict=False))
        for key, array in layer.initial(before).items()
    }


def bound_within(
    way: str,
    chain: Chain,
    wires: Wires,
    x: np.ndarray,
    flat: np.ndarray,
    dflat: np.ndarray | None,
    place: slice = slice(None),
) -> BoundChain:
    """The chain at work on the holder's arrays, with its inputs as `BoundChain` has them.

    place   of the chain's parameters among the holder's
    """
    parts = [prefix(way, number, layer) for number, layer in enumerate(chain.layers)]
    return BoundChain(
        chain,
        x,
        flat,
        dflat,
        wires.flat[:, place],
        None if wires.flat_grads is None else wires.flat_grads[:, place],
        [Scope(wires.state, part) for part in parts],
        [Scope(wires.memory, part) for part in parts],
        wires.rngs,
        wires.given,
    )


def flat_view(array: np.ndarray) -> np.ndarray:
    """(stack, batch, *features) as the flat buffer (stack, batch, units) that it is a view of."""
    if array.ndim == 3:
        return array
    block = memory(array)
    return block.reshape(*block.shape[:1], -1, block.shape[-1], copy=False).swapaxes(1, 2)


class Scope(Arrays):
    """Those of a dict's arrays whose names begin alike, by the rest of their names."""

    def __init__(self, whole: Arrays, prefix: str):
        self.whole, self.prefix = whole, prefix

    def __getitem__(self, name: str) -> np.ndarray:
        return self.whole[self.prefix + name]

    def __setitem__(self, name: str, array: np.ndarray) -> None:
        self.whole[self.prefix + name] = array

    def __delitem__(self, name: str) -> None:
        del self.whole[self.prefix + name]

    def __iter__(self) -> Iterator[str]:
        return (name.removeprefix(self.prefix) for name in self.whole if name.startswith(self.prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)
