"""A table of numbers and categories, as most data outside of images and texts are."""

from dataclasses import dataclass, replace

import numpy as np

from optbench.builtin.datasets.drawn import Drawn
from optbench.contract.dataset import Data, Draw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class MixedTable(Drawn):
    """A mixture for mixed-type data: each class is several hidden groups, and each column depends on the group.

        group g ~ its class's, all as likely
        number_j | g    = exp(z / 2) for every other column, else z,   z ~ N(m_gj, 1),   m_gj ~ N(0, separation^2)
        category_j | g  ~ a distribution over `levels` codes, drawn from Dirichlet(1/2, …, 1/2)

    The columns are the categories, the numbers, and `irrelevant` ones that have nothing to do with the class, N(0, 1).
    Categories are codes 0, 1, … for networks that read categories, or each is `levels` columns of 0 and 1 for those
    that read values. No line separates the classes, since the groups of a class are anywhere.
    """

    name = "mixed-table"
    reference = "Hunt and Jorgensen 2011, Clustering mixed data; Guyon 2003, Design of experiments (groups of a class)"
    samples: int = hyper(2000, valid="[2, inf)", help="number of examples")
    classes: int = hyper(3, valid="[2, inf)", help="number of classes")
    groups: int = hyper(3, valid="[1, inf)", help="hidden groups of each class")
    numbers: int = hyper(8, valid="[0, inf)", help="columns of numbers")
    categories: int = hyper(4, valid="[1, inf)", help="columns of categories")
    levels: int = hyper(6, valid="[2, inf)", help="categories of such a column")
    irrelevant: int = hyper(4, valid="[0, inf)", help="columns that do not depend on the class")
    encoding: str = hyper("one-hot", scale="choice", choices=("one-hot", "codes"), help="of the categories")
    separation: float = hyper(1.0, valid="[0, inf)", help="spread of the groups' means, in units of a group's own")

    def law(self, rng: np.random.Generator) -> Draw:
        total = self.classes * self.groups
        means = self.separation * rng.standard_normal((total, self.numbers))
        shares = rng.dirichlet(np.full(self.levels, 0.5), size=(total, self.categories)).cumsum(axis=2)

        def draw(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, np.ndarray]:
            y = np.arange(samples) % self.classes
            group = y * self.groups + rng.integers(self.groups, size=samples)
            z = means[group] + rng.standard_normal((samples, self.numbers))
            z[:, 1::2] = np.exp(z[:, 1::2] / 2)
            # The number of a distribution's steps that a uniform draw has passed is a draw from it.
            codes = (rng.random((samples, self.categories, 1)) > shares[group, :, :-1]).sum(axis=2)
            rest = rng.standard_normal((samples, self.irrelevant))
            columns = codes.astype(np.float64)
            if self.encoding == "one-hot":
                columns = np.eye(self.levels)[codes].reshape(samples, -1)
            return np.concatenate([columns, z, rest], axis=1), y

        return draw

    def load(self, rng: np.random.Generator) -> Data:
        data = super().load(rng)
        if self.encoding == "one-hot":
            return data
        return replace(data, categories=(self.levels,) * self.categories)
