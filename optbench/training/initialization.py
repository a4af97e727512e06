"""The first parameters of a network."""

import numpy as np

from optbench.contract.components import Initializer
from optbench.contract.layout import Layout


def initialize(
    params: np.ndarray, layout: Layout, initializer: Initializer, rng: np.random.Generator
) -> None:
    """Fill a flat vector (size,): weights as the initializer draws them, scales 1, everything else 0."""
    params[...] = 0
    for tensor in layout:
        if tensor.role == "weight":
            drawn = initializer.draw(tensor.shape, tensor.fan_in, tensor.fan_out, rng)
            params[tensor.slice] = np.asarray(drawn, dtype=params.dtype).reshape(-1)
        elif tensor.role == "scale":
            params[tensor.slice] = 1
