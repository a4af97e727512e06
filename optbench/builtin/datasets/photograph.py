"""A photograph as a function of the plane: where, and what colour."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np

from optbench.builtin.datasets.pooled import block_means
from optbench.builtin.datasets.tables import DISTRIBUTION
from optbench.builtin.datasets.wheel import content, provenance
from optbench.contract.dataset import Data, Dataset
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Photograph(Dataset):
    """The pixels of one of scikit-learn's two photographs, 427 x 640: from coordinates to colours.

        x = (across, down), both in [-1, 1], of a pixel's centre    y = (red, green, blue), in [0, 1]

    A pixel is the mean of a `block` x `block` square: 53 x 80 of them by default. A network learns the smooth parts
    first and the details late, or never (spectral bias), unless its first layer is made for them: `fourier-mlp` and
    `siren`. The pixels held out lie between those it is trained on.
    """

    name = "photograph"
    task = "regression"
    source = "A photograph, 427 x 640 pixels; from scikit-learn's wheel (BSD-3-Clause), CC BY 2.0 (see its README)"
    reference = "Stanley 2007, Compositional pattern producing networks; Tancik et al. 2020 (image regression)"

    picture: str = hyper("china", scale="choice", choices=("china", "flower"), help="a temple, or a dahlia")
    block: int = hyper(8, valid="[1, 64]", help="side of the squares of the file that become one pixel")

    def load(self, rng: np.random.Generator) -> Data:
        from PIL import Image  # it takes a tenth of a second to load

        data = content("sklearn", DISTRIBUTION, f"datasets/images/{self.picture}.jpg")
        with Image.open(BytesIO(data)) as image:
            colours = block_means(np.asarray(image.convert("RGB"), dtype=np.float64) / 255, self.block)
        rows, columns, _ = colours.shape
        down, across = np.meshgrid(centres(rows), centres(columns), indexing="ij")
        x = np.stack([across.ravel(), down.ravel()], axis=1)
        return Data(x, colours.reshape(-1, 3), provenance(self.source, DISTRIBUTION, data))


def centres(number: int) -> np.ndarray:
    """The centres of so many equal parts of [-1, 1]."""
    return (2 * np.arange(number) + 1) / number - 1
