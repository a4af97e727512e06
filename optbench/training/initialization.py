"""The first parameters of a network."""

import numpy as np

from optbench.contract.components import Initializer
from optbench.contract.layout import Layout, Tensor


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
