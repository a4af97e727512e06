"""From a table with names to numbers: what a column holds, and what is to be predicted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.dataset import Task
from optbench.contract.errors import near
from optbench.contract.hyperparameters import ComponentError

if TYPE_CHECKING:
    import pandas as pd

TASKS: tuple[Task, ...] = ("classification", "binary", "regression")
#: Whole numbers that are at most so many different ones are classes, unless a task is given.
MOST_CLASSES = 20
#: A column of texts with more different ones is a name or a sentence, no category.
MOST_CATEGORIES = 100


@dataclass(frozen=True)
class Reading:
    """How a table is read.

    target     the column to be predicted
    task       "auto": texts and truth values are classes, and so are at most MOST_CLASSES different whole numbers; two
               classes are a binary task, other numbers a regression
    drop       columns to be left out
    missing    "refuse" is an error, "drop" leaves out rows with a missing value, "mean" puts the column's mean in its
               place, and in columns of texts one further category
    encoding   of texts and truth values: "one-hot", or "codes" for networks that read categories
    """

    target: str
    task: str = "auto"
    drop: tuple[str, ...] = ()
    missing: str = "refuse"
    encoding: str = "one-hot"


@dataclass(frozen=True)
class Table:
    """x (examples, features) and y as in `Data`; of the first columns how many categories each has."""

    x: np.ndarray
    y: np.ndarray
    task: Task
    categories: tuple[int, ...]
    features: tuple[str, ...]
    classes: tuple[str, ...]


def encoded(frame: "pd.DataFrame", reading: Reading, where: str) -> Table:
    """The table in numbers. Raises `ComponentError`, which names the column, where it cannot be."""
    columns = [str(c) for c in frame.columns]
    frame = frame.set_axis(columns, axis=1)
    if repeated := [c for c in columns if columns.count(c) > 1]:
        raise ComponentError(f"{where}: there are two columns {repeated[0]!r}")
    if not reading.target:
        raise ComponentError(f"{where}: target is missing: the column to be predicted, one of {_listed(columns)}")
    for name, given in (("target", (reading.target,)), ("drop", reading.drop)):
        if unknown := [c for c in given if c not in columns]:
            raise ComponentError(f"{where}: {name}: there is no column {unknown[0]!r}; {near(unknown[0], columns)}")
    if reading.target in reading.drop:
        raise ComponentError(f"{where}: drop: {reading.target!r} is the target")
    frame = frame.drop(columns=list(reading.drop))
    frame = _complete(frame, reading, where)
    if frame.shape[1] < 2 or len(frame) < 1:
        raise ComponentError(f"{where}: a table needs rows, a target and a column besides, got {frame.shape}")
    task, y, classes = _target(frame[reading.target], reading.task, where)
    x, categories, features = _features(frame.drop(columns=reading.target), reading, where)
    return Table(x, y, task, categories, features, classes)


def _complete(frame: "pd.DataFrame", reading: Reading, where: str) -> "pd.DataFrame":
    """Without missing values, as `missing` says; a row without a target is never an example."""
    holes = frame.isna()
    if not holes.to_numpy().any():
        return frame
    if reading.missing == "drop":
        return frame[~holes.any(axis=1)]
    if reading.missing == "mean":
        frame = frame[~holes[reading.target]].copy()
        for column in frame.columns[frame.isna().any()]:
            texts = _holds_texts(frame[column])
            frame[column] = frame[column].astype(object if texts else float).fillna(
                "(missing)" if texts else frame[column].astype(float).mean()
            )
        empty = [c for c in frame.columns if frame[c].isna().any()]
        if empty:
            raise ComponentError(f"{where}: column {empty[0]!r} holds nothing at all; drop = [{empty[0]!r}]")
        return frame
    counts = holes.sum()
    column = str(counts[counts > 0].index[0])
    row = int(np.flatnonzero(holes[column].to_numpy())[0])
    total = int(counts.sum())
    raise ComponentError(
        f"{where}: {total} {'value is' if total == 1 else 'values are'} missing, the first in row {row + 1} of column "
        f'{column!r}; missing = "drop" leaves out such rows'
        + ("" if column == reading.target else ', "mean" puts the column\'s mean there')
    )


def _holds_texts(column: "pd.Series") -> bool:
    """Whether it holds texts, truth values or categories: what cannot be computed with."""
    from pandas.api import types

    return not types.is_numeric_dtype(column) or types.is_bool_dtype(column)


def _target(column: "pd.Series", task: str, where: str) -> tuple[Task, np.ndarray, tuple[str, ...]]:
    """(task, y, names of the classes)."""
    texts = _holds_texts(column)
    values = column.astype(str) if texts else column
    different = np.unique(values.to_numpy())
    if task == "auto":
        whole = texts or bool((column == np.floor(column)).all())
        few = texts or len(different) <= MOST_CLASSES
        task = "classification" if whole and few else "regression"
        task = "binary" if task == "classification" and len(different) == 2 else task
    if task == "regression":
        if texts:
            raise ComponentError(f"{where}: column {column.name!r} holds texts, which a regression cannot predict")
        return "regression", column.to_numpy(np.float64), ()
    if len(different) < 2:
        raise ComponentError(f"{where}: column {column.name!r} has one class only, {different[0]}")
    if task == "binary" and len(different) != 2:
        raise ComponentError(f"{where}: column {column.name!r} has {len(different)} classes, and a binary task has 2")
    if len(different) > max(2, len(column) // 2):
        raise ComponentError(
            f"{where}: column {column.name!r} has {len(different)} different values in {len(column)} rows: no classes; "
            'task = "regression" predicts numbers'
        )
    y = np.searchsorted(different, values.to_numpy()).astype(np.int64)
    return ("binary" if task == "binary" else "classification"), y, tuple(map(_plain, different))


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _features(
    frame: "pd.DataFrame", reading: Reading, where: str
) -> tuple[np.ndarray, tuple[int, ...], tuple[str, ...]]:
    """(x, categories of its first columns, names)."""
    texts = [c for c in frame.columns if _holds_texts(frame[c])]
    numbers = [c for c in frame.columns if c not in texts]
    coded, categories, names = [], [], []
    for column in texts:
        if others := {type(v).__name__ for v in frame[column]} - {"str", "bool", "bool_"}:
            raise ComponentError(
                f"{where}: column {column!r} holds values of type {min(others)}, which are neither numbers nor texts; "
                f"leave it out, drop = [{column!r}]"
            )
        values = frame[column].astype(str).to_numpy()
        different = np.unique(values)
        if len(different) > min(MOST_CATEGORIES, max(2, len(frame) // 2)):
            raise ComponentError(
                f"{where}: column {column!r} holds {len(different)} different texts, such as {values[0]!r}: no "
                f"categories; leave it out, drop = [{column!r}]"
            )
        codes = np.searchsorted(different, values)
        if reading.encoding == "codes":
            coded.append(codes[:, None].astype(np.float64))
            categories.append(len(different))
            names.append(column)
        else:
            coded.append(np.eye(len(different))[codes])
            names += [f"{column}={value}" for value in different]
    measured: np.ndarray = frame[numbers].to_numpy(np.float64)
    for column in numbers:
        endless = np.flatnonzero(~np.isfinite(frame[column].to_numpy(np.float64)))
        if len(endless):
            raise ComponentError(f"{where}: row {endless[0] + 1} of column {column!r} holds an infinite value")
    return np.concatenate([*coded, measured], axis=1), tuple(categories), (*names, *numbers)


def _listed(columns: Sequence[str]) -> str:
    """Names, the first of many."""

    def shown() -> Iterator[str]:
        yield from map(repr, columns[:8])
        if len(columns) > 8:
            yield f"… ({len(columns)} in all)"

    return ", ".join(shown())
