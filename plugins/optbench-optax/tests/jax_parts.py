"""JAX models that are put together for one dataset."""

import jax_models


def images(shape, outputs, width=16):
    """Images as vectors."""
    height, breadth, channels = shape
    init, apply = jax_models.mlp(height * breadth * channels, outputs, width)
    return init, lambda params, x: apply(params, x.reshape(len(x), -1))
