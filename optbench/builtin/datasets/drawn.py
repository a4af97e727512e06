"""Datasets that are drawn from a formula."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optbench.contract.dataset import Data, Dataset, Draw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Drawn(Dataset):
    """As many examples as are asked for; subclasses give `draw`, or `law` where examples share what is drawn once."""

    source: ClassVar[str] = "drawn from its formula; no licence needed"
    endless = True
    samples: int = hyper(1000, valid="[2, inf)", help="number of examples")

    @property
    def tokens(self) -> int:
        """How many tokens there are, where inputs are tokens."""
        return 0

    def draw(self, rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets as in `Data`."""
        raise NotImplementedError

    def law(self, rng: np.random.Generator) -> Draw:
        return self.draw

    def load(self, rng: np.random.Generator) -> Data:
        return Data(*self.law(rng)(rng, self.samples), {"source": self.source}, vocabulary=self.tokens)
