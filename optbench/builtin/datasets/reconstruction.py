"""Any dataset as one to be reconstructed."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optbench.builtin.datasets.digits import Digits
from optbench.contract.dataset import Data, Dataset, Draw, Task


@dataclass(frozen=True)
class Reconstruction(Dataset):
    """The examples of another dataset, `inner`; the target of each is the example itself, and labels are not seen.

    With it an autoencoder is trained, or whatever network gives as many outputs as an example has features. What
    normalizers make of the inputs does not change the targets.
    """

    name = "reconstruction"
    task: ClassVar[Task] = "reconstruction"
    source = "Another dataset without its labels, under its licence"
    reference = "Hinton and Salakhutdinov 2006, Reducing the dimensionality of data with neural networks"

    inner: Dataset = Digits()  # noqa: RUF009 - a frozen component is a value

    def __post_init__(self) -> None:
        super().__post_init__()
        for what in ("endless", "online"):
            object.__setattr__(self, what, getattr(self.inner, what))

    def load(self, rng: np.random.Generator) -> Data:
        data = self.inner.load(rng)
        return Data(data.x, data.y, {**data.provenance, "source": self.source, "of": self.inner.source})

    def law(self, rng: np.random.Generator) -> Draw:
        return self.inner.law(rng)
