"""Datasets by the names that others gave them: scikit-learn's loaders, and any set of OpenML's by its number."""

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.builtin.datasets.files import AUTO
from optbench.builtin.datasets.openml import fetched
from optbench.contract.dataset import Data, Dataset
from optbench.contract.errors import near
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.training.encoding import Reading, Table, encoded

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NamedTable(Dataset):
    """A table that a library knows by a name."""

    task: str = hyper("auto", scale="choice", choices=AUTO, help="auto: as the target's values suggest")  # type: ignore[misc,assignment]
    target: str = hyper("", help="the column to be predicted; default: as its source has it")
    drop: tuple[str, ...] = hyper((), help="columns to leave out")
    missing: str = hyper("refuse", scale="choice", choices=("refuse", "drop", "mean"), help="what becomes of gaps")
    encoding: str = hyper("one-hot", scale="choice", choices=("one-hot", "codes"), help="of columns of texts")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.task == "auto":
            object.__setattr__(self, "task", self.table().task)

    def frame(self) -> "tuple[pd.DataFrame, str]":
        """The table, and the name of its target."""
        raise NotImplementedError

    def table(self) -> Table:
        frame, target = self.frame()
        reading = Reading(self.target or target, self.task, tuple(self.drop), self.missing, self.encoding)
        return encoded(frame, reading, f"dataset {self.name}")

    def load(self, rng: np.random.Generator) -> Data:
        table = self.table()
        return Data(table.x, table.y, {"source": self.source}, categories=table.categories)


@dataclass(frozen=True)
class SklearnTable(NamedTable):
    """A dataset of scikit-learn, by its function: `load_…` comes with it, `fetch_…` is fetched once."""

    name = "sklearn"
    source = "scikit-learn's own datasets, licence: BSD for those that come with it"
    reference = "Pedregosa et al. 2011, Scikit-learn: machine learning in Python"
    loader: str = hyper("load_wine", help="the function in sklearn.datasets")

    def frame(self) -> "tuple[pd.DataFrame, str]":
        import sklearn.datasets

        names = [n for n in sklearn.datasets.__all__ if n.startswith(("load_", "fetch_"))]
        if self.loader not in names:
            raise ComponentError(f"dataset sklearn: loader: there is no {self.loader!r}; {near(self.loader, names)}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                bunch: Any = getattr(sklearn.datasets, self.loader)(as_frame=True)
            frame, target = bunch.frame, bunch.target
        except TypeError:
            frame = target = None
        except Exception as error:
            raise ComponentError(
                f"dataset sklearn: {self.loader} gives nothing here: {type(error).__name__}: {error}"
            ) from None
        if frame is None or target is None or getattr(target, "ndim", 1) != 1:
            raise ComponentError(f"dataset sklearn: {self.loader} gives no table with one target")
        return frame, str(target.name)


@dataclass(frozen=True)
class OpenmlTable(NamedTable):
    """Any table of OpenML's, by its number: fetched once, then read from scikit-learn's cache."""

    name = "openml"
    source = "openml.org, by its number; the licence is the set's own"
    reference = "Vanschoren, van Rijn, Bischl and Torgo 2013, OpenML: networked science in machine learning"

    #: the number in openml.org/d/…
    data_id: int = field(kw_only=True)

    def __post_init__(self) -> None:
        if isinstance(self.data_id, bool) or not isinstance(self.data_id, int) or self.data_id < 1:
            raise ComponentError(f"dataset openml: data_id must be a whole number from 1, got {self.data_id!r}")
        super().__post_init__()

    def frame(self) -> "tuple[pd.DataFrame, str]":
        bunch = fetched(self.data_id, f"dataset openml: set {self.data_id}", as_frame=True)
        target = bunch.target_names[0] if getattr(bunch, "target_names", None) else ""
        return bunch.frame, str(target)
