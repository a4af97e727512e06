"""Datasets from a user's own files: tables in CSV and Parquet, arrays in NumPy's format."""

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract.dataset import UNCOUNTED, Data, Dataset
from optbench.contract.errors import near
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.training.encoding import MOST_CLASSES, TASKS, Reading, Table, encoded

if TYPE_CHECKING:
    import pandas as pd

AUTO = ("auto", *TASKS)
#: What files were last found to hold, by path, time and size: a suite asks for the task, and then its trials for all.
_READ: "OrderedDict[Any, Any]" = OrderedDict()
KEPT = 4


def once(path: str, what: Any, read: Callable[[], Any]) -> Any:
    """What `read` gives of a file, kept for as long as the file is the same."""
    status = os.stat(path)
    key = (os.path.abspath(path), status.st_mtime_ns, status.st_size, what)
    if key not in _READ:
        _READ[key] = read()
        while len(_READ) > KEPT:
            _READ.popitem(last=False)
    return _READ[key]


def check_path(name: str, path: object) -> None:
    if not isinstance(path, str) or not path or "\0" in path:
        raise ComponentError(f"dataset {name}: path must be that of a file, got {path!r}")


def found(path: str, where: str, suffixes: tuple[str, ...]) -> str:
    """The path, if there is a file; else an error with near names."""
    place = Path(path)
    if place.is_dir():
        raise ComponentError(f"{where}: path: {path} is a folder")
    if not place.is_file():
        siblings = [p.name for p in place.parent.glob("*") if p.suffix in suffixes] if place.parent.is_dir() else []
        hint = f"; {near(place.name, siblings)}" if siblings else ""
        raise ComponentError(f"{where}: path: there is no file {path}{hint}")
    return path


@dataclass(frozen=True)
class FileTable(Dataset):
    """A table from a file. What its target holds decides the task, unless `task` says so.

    Texts and truth values are categories; their order is that of their texts. The content's digest stands in a trial's
    key, and the path does not: a file may move, and one that changes makes its trials run anew.
    """

    source = "a file of one's own, whose licence is not known here"
    reference = "a file of one's own"
    #: of the file; in a suite, relative to the suite's own
    path: str
    task: str = hyper("auto", scale="choice", choices=AUTO, help="auto: as the target's values suggest")  # type: ignore[misc,assignment]
    target: str = hyper("", help="the column to be predicted")
    drop: tuple[str, ...] = hyper((), help="columns to leave out")
    missing: str = hyper("refuse", scale="choice", choices=("refuse", "drop", "mean"), help="what becomes of gaps")
    encoding: str = hyper("one-hot", scale="choice", choices=("one-hot", "codes"), help="of columns of texts")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_path(self.name, self.path)
        if isinstance(self.drop, str) or not all(isinstance(c, str) for c in self.drop):
            raise ComponentError(f"dataset {self.name}: drop must be a list of columns' names, got {self.drop!r}")
        if self.task == "auto":
            object.__setattr__(self, "task", self.table().task)

    @property
    def where(self) -> str:
        return f"dataset {self.name}: {Path(self.path).name}"

    def frame(self) -> "pd.DataFrame":
        """The table as it lies in the file."""
        raise NotImplementedError

    def table(self) -> Table:
        """The table in numbers; `ComponentError` where it cannot be."""
        reading = Reading(self.target, self.task, tuple(self.drop), self.missing, self.encoding)
        path = found(self.path, f"dataset {self.name}", (".csv", ".tsv", ".parquet"))
        return once(path, (self.name, *self._reader(), reading), lambda: encoded(self.frame(), reading, self.where))

    def _reader(self) -> tuple[Any, ...]:
        return ()

    def load(self, rng: np.random.Generator) -> Data:
        table = self.table()
        more = {"features": ", ".join(table.features), "classes": ", ".join(table.classes)}
        provenance = {"source": self.source, "file": Path(self.path).name, **{k: v for k, v in more.items() if v}}
        return Data(table.x, table.y, provenance, categories=table.categories)


@dataclass(frozen=True)
class Csv(FileTable):
    """A table of values that a separator divides, with names in its first line."""

    name = "csv"
    separator: str = hyper(",", help="between values")

    def _reader(self) -> tuple[Any, ...]:
        return (self.separator,)

    def frame(self) -> "pd.DataFrame":
        import pandas as pd

        try:
            return pd.read_csv(self.path, sep=self.separator, skipinitialspace=True)
        except UnicodeDecodeError:
            lines = Path(self.path).read_bytes().split(b"\n")
            wrong = next((number for number, line in enumerate(lines, 1) if not _is_utf8(line)), 1)
            raise ComponentError(f"{self.where} cannot be read as a CSV: line {wrong} is not UTF-8 text") from None
        except (OSError, ValueError, TypeError) as error:  # pandas' own errors of parsing are ValueErrors
            line = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
            line = line.removeprefix("Error tokenizing data. C error: ")
            raise ComponentError(f"{self.where} cannot be read as a CSV: {line}") from None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True)
class Parquet(FileTable):
    """A table in Apache Parquet's format; needs pyarrow, the extra `parquet`."""

    name = "parquet"

    def frame(self) -> "pd.DataFrame":
        import pandas as pd

        try:
            return pd.read_parquet(self.path)
        except ImportError:
            raise ComponentError(f"{self.where} needs pyarrow: pip install 'optbench[parquet]'") from None
        except Exception as error:  # pyarrow raises classes of its own
            line = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ComponentError(f"{self.where} cannot be read as Parquet: {line}") from None


@dataclass(frozen=True)
class Npz(Dataset):
    """Arrays of any shape in NumPy's .npz: x (examples, *features), and y (examples,) or (examples, outputs).

    Whole numbers in y are classes, if they are at most 20 different ones; two of them are a binary task; other numbers
    are values. y (examples, positions) of whole numbers, -1 where there is none, is a class at each position where
    x holds tokens (`vocabulary`) or sequences.
    """

    name = "npz"
    source = "a file of one's own, whose licence is not known here"
    reference = "a file of one's own"
    #: of the file; in a suite, relative to the suite's own
    path: str
    task: str = hyper(  # type: ignore[misc,assignment]
        "auto", scale="choice", choices=("auto", *TASKS, "sequence", "reconstruction"), help="auto: as y suggests"
    )
    x: str = hyper("x", help="name of the array of inputs")
    y: str = hyper("y", help="name of the array of targets")
    vocabulary: int = hyper(0, valid="[0, inf)", help="of x, where it holds tokens 0, 1, …")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_path(self.name, self.path)
        if self.task == "auto":
            object.__setattr__(self, "task", self._task(self.arrays()[1]))

    @property
    def where(self) -> str:
        return f"dataset npz: {Path(self.path).name}"

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """x and y as they lie in the file; `ComponentError` where they are not numbers."""
        path = found(self.path, "dataset npz", (".npz",))
        return once(path, ("npz", self.x, self.y, self.task == "reconstruction"), self._read)

    def _read(self) -> tuple[np.ndarray, np.ndarray]:
        try:
            with np.load(self.path, allow_pickle=False) as held:
                wanted = (self.x,) if self.task == "reconstruction" and self.y not in held else (self.x, self.y)
                for name in wanted:
                    if name not in held:
                        raise ComponentError(f"{self.where}: there is no array {name!r}; {near(name, held.files)}")
                arrays = [self._numbers(held, name) for name in wanted]
        except ComponentError:
            raise
        except Exception as error:  # zipfile, numpy and zlib raise classes of their own
            raise ComponentError(f"{self.where} cannot be read as .npz: {error}") from None
        if len(wanted) > 1 and arrays[0].shape[:1] != arrays[1].shape[:1]:
            shapes = f"{self.x} {arrays[0].shape} and {self.y} {arrays[1].shape}"
            raise ComponentError(f"{self.where}: {shapes} have not as many rows: there is a target for each example")
        return arrays[0], arrays[-1] if len(wanted) > 1 else np.zeros(len(arrays[0]), np.int64)

    def _numbers(self, held: Any, name: str) -> np.ndarray:
        try:
            array = np.asarray(held[name])
        except ValueError:  # objects would be unpickled, which runs code
            raise ComponentError(f"{self.where}: array {name!r} holds objects, which are no numbers") from None
        if array.dtype.kind not in "biuf":
            raise ComponentError(f"{self.where}: array {name!r} holds {array.dtype}, which are no numbers")
        return array

    def _task(self, y: np.ndarray) -> str:
        whole = y.dtype.kind in "biu" or bool((y == np.floor(y)).all())
        if not whole or y.ndim > 2:
            return "regression"
        if y.ndim == 2 and y.shape[1] > 1:
            return "sequence" if self.vocabulary and y.min() >= UNCOUNTED else "regression"
        classes = len(np.unique(y))
        return "regression" if classes > MOST_CLASSES else "binary" if classes == 2 else "classification"

    def load(self, rng: np.random.Generator) -> Data:
        x, y = self.arrays()
        if self.task in ("classification", "binary"):
            _, y = np.unique(y.reshape(len(y)), return_inverse=True)
        elif self.task == "sequence":
            y = y.astype(np.int64)
        provenance = {"source": self.source, "file": Path(self.path).name}
        return Data(x.astype(np.float64), y, provenance, vocabulary=self.vocabulary)
