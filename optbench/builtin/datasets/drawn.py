"""Datasets that are drawn from a formula."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optbench.contract.dataset import Data, Dataset
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Drawn(Dataset):
    """As many examples as are asked for; subclasses give the formula."""

    source: ClassVar[str] = "drawn from its formula; no licence needed"
    samples: int = hyper(1000, valid="[2, inf)", help="number of examples")

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets as in `Data`."""
        raise NotImplementedError

    def load(self, rng: np.random.Generator) -> Data:
        return Data(*self.draw(rng), {"source": self.source})
