"""A small table of real measurements and categories that needs no network."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.datasets.wheel import content, provenance
from optbench.contract.dataset import Data, Dataset

PATH = "data/data/autompg.csv.gz"


@dataclass(frozen=True)
class AutoMpg(Dataset):
    """Cars of 1970 to 1982: 392 examples, how many miles they go on a gallon.

    Categories are the number of cylinders (3, 4, 5, 6, 8), the model year (13) and the origin (USA, Europe, Japan);
    values are displacement in cubic inches, horsepower, weight in pounds, and seconds to 60 miles an hour.
    """

    name = "auto-mpg"
    task = "regression"
    source = "Auto MPG, 392 x 7, 3 of them categories, regression; from mlxtend's wheel (BSD-3-Clause), UCI repository"
    reference = "Quinlan 1993, Combining instance-based and model-based learning"

    def load(self, rng: np.random.Generator) -> Data:
        data = content("mlxtend", "mlxtend", PATH)
        lines = [line.split(",") for line in data.decode().splitlines()]
        # cylinders, displacement, horsepower, weight, acceleration, year, origin; then the name, and the target
        rows = np.array([[*line[:7], line[-1]] for line in lines], np.float64)
        codes, categories = [], []
        for column in (0, 5, 6):
            found, code = np.unique(rows[:, column], return_inverse=True)
            codes.append(code.astype(np.float64))
            categories.append(len(found))
        x = np.concatenate([np.stack(codes, axis=1), rows[:, 1:5]], axis=1)
        return Data(x, rows[:, 7], provenance(self.source, "mlxtend", data), categories=tuple(categories))
