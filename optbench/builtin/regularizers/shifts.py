"""Image augmentation by small shifts."""

from dataclasses import dataclass

import numpy as np

from optbench.contract.components import BatchTransform
from optbench.contract.hyperparameters import ComponentError, hyper


@dataclass(frozen=True)
class Shifts(BatchTransform):
    """Each training image moved by up to `pixels` down or up and right or left, each shift equally likely.

    What comes in from beyond the edge is 0. Images are (batch, height, width, channels); flat inputs are an error.
    """

    name = "shifts"
    reference = "Simard, Steinkraus and Platt 2003, Best practices for convolutional neural networks"

    pixels: int = hyper(1, low=1, high=4, scale="integer", valid="[0, inf)", priority=3)

    def transform(
        self, x: np.ndarray, y: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        if x.ndim != 4:
            raise ComponentError(
                "regularizer shifts needs images (height, width, channels), "
                f"but the inputs have shape {x.shape[1:]}"
            )
        n = int(self.pixels)
        batch, height, width, channels = x.shape
        padded = np.zeros((batch, height + 2 * n, width + 2 * n, channels), x.dtype)
        padded[:, n : n + height, n : n + width] = x
        starts = rng.integers(0, 2 * n + 1, (2, batch, 1))
        rows, columns = starts[0] + np.arange(height), starts[1] + np.arange(width)
        x[...] = padded[np.arange(batch)[:, None, None], rows[:, :, None], columns[:, None, :]]
        return x, y
