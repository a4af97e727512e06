"""Images of another dataset at a lower resolution."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.contract.dataset import Data, Dataset, Draw
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Pooled(Dataset):
    """The images of another dataset, `inner`, with the mean of each `factor` x `factor` square as one pixel.

    By default MNIST's digits at 14 x 14, which are as readable, and a convolution takes a quarter of the time. Rows and
    columns that fill no square are left out. Labels and task are those of `inner`.
    """

    name = "pooled"
    source = "Another dataset's images at a lower resolution, under its licence"
    reference = "LeCun, Bottou, Bengio and Haffner 1998 (subsampling)"

    inner: Dataset = Mnist5k()  # noqa: RUF009 - a frozen component is a value
    factor: int = hyper(2, valid="[1, inf)", help="side of the squares that become one pixel")

    def __post_init__(self) -> None:
        super().__post_init__()
        for what in ("task", "endless", "online"):
            object.__setattr__(self, what, getattr(self.inner, what))

    def load(self, rng: np.random.Generator) -> Data:
        """Raises `OptbenchError` where `inner` has no images, or none that is large enough."""
        data = self.inner.load(rng)
        if data.x.ndim != 4 or min(data.x.shape[1:3]) < self.factor:
            raise OptbenchError(
                f"dataset pooled: factor = {self.factor} needs images (height, width, channels) of at least "
                f"{self.factor}x{self.factor}, but {self.inner.name} has examples of shape {data.x.shape[1:]}; "
                "mnist-5k and digits have images"
            )
        x = block_means(data.x, self.factor)
        return Data(x, data.y, {**data.provenance, "source": self.source, "of": self.inner.source})

    def law(self, rng: np.random.Generator) -> Draw:
        draw = self.inner.law(rng)

        def pooled(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
            x, y = draw(rng, samples)
            return block_means(x, self.factor), y

        return pooled


def block_means(images: np.ndarray, side: int) -> np.ndarray:
    """(…, height, width, channels) -> (…, height // side, width // side, channels): the mean of each square."""
    height, width, channels = images.shape[-3:]
    rows, columns = height // side, width // side
    whole = images[..., : rows * side, : columns * side, :]
    return whole.reshape(*images.shape[:-3], rows, side, columns, side, channels).mean(axis=(-4, -2))
