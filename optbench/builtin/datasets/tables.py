"""Small tables of real measurements from scikit-learn's wheel.

Features are as measured, in their own units: scaling is an input normalizer's work, fitted on the training
split. (scikit-learn's own `load_diabetes` scales by all examples, test data included.)
"""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.wheel import content, provenance, table
from optbench.contract.dataset import Data, Dataset

DISTRIBUTION = "scikit-learn"


def file(name: str) -> bytes:
    return content("sklearn", DISTRIBUTION, f"datasets/data/{name}")


def labelled(name: str, source: str, heading: int = 1) -> Data:
    """A CSV file of scikit-learn with `heading` lines to skip and the class number in its last column."""
    data = file(name)
    rows = table(data, skip=heading)
    return Data(rows[:, :-1], rows[:, -1].astype(np.int64), provenance(source, DISTRIBUTION, data))


@dataclass(frozen=True)
class Iris(Dataset):
    """Flowers of three species of iris: 150 examples, 4 lengths and widths in cm, 50 a class."""

    name = "iris"
    source = "Fisher's iris, 150 x 4, 3 classes; from scikit-learn's wheel (BSD-3-Clause), UCI repository"
    reference = "Fisher 1936"

    def load(self, rng: np.random.Generator) -> Data:
        return labelled("iris.csv", self.source)


@dataclass(frozen=True)
class Wine(Dataset):
    """Wines of three growers: 178 examples (59, 71, 48), 13 chemical measurements."""

    name = "wine"
    source = "Wine recognition, 178 x 13, 3 classes; from scikit-learn's wheel (BSD-3-Clause), UCI repository"
    reference = "Forina et al. 1988; Aeberhard, Coomans and de Vel 1992"

    def load(self, rng: np.random.Generator) -> Data:
        return labelled("wine_data.csv", self.source)


@dataclass(frozen=True)
class BreastCancer(Dataset):
    """Tumours: 569 examples, 212 malignant (0) and 357 benign (1), 30 measurements of cell nuclei."""

    name = "breast-cancer"
    task = "binary"
    source = "Breast cancer, 569 x 30, 2 classes; from scikit-learn's wheel (BSD-3-Clause), UCI repository"
    reference = "Street, Wolberg and Mangasarian 1993"

    def load(self, rng: np.random.Generator) -> Data:
        return labelled("breast_cancer.csv", self.source)


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
