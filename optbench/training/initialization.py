"""The first parameters of a network."""

import numpy as np

from optbench.contract.components import Initializer
from optbench.contract.layout import Layout, Tensor
from optbench.nn.chain import local_layout
from optbench.nn.network import Network


def draw(params: np.ndarray, network: Network, initializer: Initializer, rng: np.random.Generator) -> None:
    """Fill a network's flat vector (size,): as `initialize` does, but for tensors that a layer draws itself."""
    initialize(params, network.layout, initializer, rng)
    for block, layer, shape in zip(network.chain.blocks, network.layers, network.shapes, strict=False):
        own = local_layout(layer.parameters(shape)).views(params[block])
        for name, values in layer.own_values(shape, rng).items():
            own[name][...] = values


def initialize(
    params: np.ndarray, layout: Layout, initializer: Initializer, rng: np.random.Generator
) -> None:
    """Fill a flat vector (size,): weights as the initializer draws them, others where they start: scales 1, all else 0.

    Matrices that stand side by side ("gates") are drawn one after the other, so that each is what the initializer
    makes of a matrix: orthogonal, say.
    """
    params[...] = 0
    for tensor in layout:
        place = params[tensor.slice]
        if tensor.role == "weight":
            place[...] = np.asarray(_weight(tensor, initializer, rng), dtype=params.dtype).reshape(-1)
        elif tensor.start:
            place.reshape(len(tensor.start), -1)[...] = np.array(tensor.start)[:, None]
        elif tensor.role == "scale":
            place[...] = 1


def _weight(tensor: Tensor, initializer: Initializer, rng: np.random.Generator) -> np.ndarray:
    *lead, columns = tensor.shape or (1,)
    shape, count = tensor.shape, 1
    if tensor.part == "gates":
        shape, count = (*lead, tensor.fan_out), columns // tensor.fan_out
    drawn = [initializer.draw(shape, tensor.fan_in, tensor.fan_out, rng) for _ in range(count)]
    return drawn[0] if count == 1 else np.concatenate(drawn, axis=-1)
