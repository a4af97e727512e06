"""Small tables of real measurements from scikit-learn's wheel.

Features are as measured, in their own units: scaling is an input normalizer's work, fitted on the training
split. (scikit-learn's own `load_diabetes` scales by all examples, test data included.)
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optbench.builtin.datasets.wheel import content, provenance, table
from optbench.contract.dataset import Data, Dataset

DISTRIBUTION = "scikit-learn"


def file(name: str) -> bytes:
    return content("sklearn", DISTRIBUTION, f"datasets/data/{name}")


class Labelled(Dataset):
    """A CSV file of scikit-learn with the class number in its last column."""

    csv: ClassVar[str]
    #: lines in front of the numbers
    heading: ClassVar[int] = 1

    def load(self, rng: np.random.Generator) -> Data:
        data = file(self.csv)
        rows = table(data, skip=self.heading)
        return Data(rows[:, :-1], rows[:, -1].astype(np.int64), provenance(self.source, DISTRIBUTION, data))


@dataclass(frozen=True)
class Iris(Labelled):
    """Flowers of three species of iris: 150 examples, 4 lengths and widths in cm, 50 a class."""

    name = "iris"
    source = "Fisher's iris, 150 x 4, 3 classes; from scikit-learn's wheel (BSD-3-Clause), UCI repository"
    reference = "Fisher 1936"
    csv = "iris.csv"


@dataclass(frozen=True)
class Wine(Labelled):
    """Wines of three growers: 178 examples (59, 71, 48), 13 chemical measurements."""

    name = "wine"
    source = "Wine recognition, 178 x 13, 3 classes; from scikit-learn's wheel (BSD-3-Clause), UCI repository"
    reference = "Forina et al. 1988; Aeberhard, Coomans and de Vel 1992"
    csv = "wine_data.csv"


@dataclass(frozen=True)
class BreastCancer(Labelled):
    """Tumours: 569 examples, 212 malignant (0) and 357 benign (1), 30 measurements of cell nuclei."""

    name = "breast-cancer"
    task = "binary"
    source = "Breast cancer, 569 x 30, 2 classes; from scikit-learn's wheel (BSD-3-Clause), UCI repository"
    reference = "Street, Wolberg and Mangasarian 1993"
    csv = "breast_cancer.csv"


@dataclass(frozen=True)
class Diabetes(Dataset):
    """Patients with diabetes: 442 examples, 10 measurements, and the disease's progress a year later."""

    name = "diabetes"
    task = "regression"
    source = "Diabetes, 442 x 10, regression; from scikit-learn's wheel (BSD-3-Clause)"
    reference = "Efron, Hastie, Johnstone and Tibshirani 2004"

    def load(self, rng: np.random.Generator) -> Data:
        x, y = file("diabetes_data_raw.csv.gz"), file("diabetes_target.csv.gz")
        return Data(table(x, None), table(y, None)[:, 0], provenance(self.source, DISTRIBUTION, x, y))
