"""From a dataset to what a network trains on: split, normalized, encoded, in the run's dtype.

Nothing that is fitted (input normalizers, the scale of regression targets) sees any but training examples.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from optbench.contract.architecture import Inputs
from optbench.contract.components import InputNormalizer
from optbench.contract.dataset import (
    CLASSIFYING,
    LOSSES_OF,
    METRIC_OF,
    POSITIONED,
    UNCOUNTED,
    Data,
    Dataset,
    Draw,
    Task,
)
from optbench.contract.edges import Edges
from optbench.contract.errors import OptbenchError, near
from optbench.training.examples import checked
from optbench.training.split import Split, split_indices
from optbench.trials.content import digest, load
from optbench.trials.seeds import stream
from optbench.trials.trial import SPLITS

#: What prepared data a process keeps, in bytes. The latest is kept whatever its size.
CACHE_BYTES = 512 * 2**20


@dataclass(frozen=True, eq=False)
class Prepared:
    """Examples ready for training: C-contiguous, of one dtype, read-only, in random order.

    x_…        inputs (examples, *shape)
    y_…        targets (examples, outputs): one-hot for classes, 0 or 1 for a binary task, for regression the
               values minus `target_mean`, over `target_std`, both (outputs,) and of the training split: a
               squared error is in units of the targets' variance; for reconstruction the features as they were
               before input normalizers; of sequences (examples, positions) class numbers, UNCOUNTED where there is
               no target. One graph is the one example of each split, (1, nodes, features), with class numbers
               (1, nodes) at the nodes of that split only
    inputs     what the network reads
    outputs    of the network: classes, 1 for a binary task, regression values, or features to be reconstructed
    classes    0 where there are none
    loss, metric   names, the task's own
    fresh      of online data: draws new examples, prepared as these; nothing is trained on these then
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    task: Task
    classes: int
    target_mean: np.ndarray
    target_std: np.ndarray
    provenance: dict[str, str] = field(default_factory=dict)
    vocabulary: int = 0
    categories: tuple[int, ...] = ()
    fresh: "Fresh | None" = None
    edges: Edges | None = None
    graphs: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return self.x_train.shape[1:]

    @property
    def inputs(self) -> Inputs:
        positions = self.y_train.shape[1] if self.task in POSITIONED else 1
        return Inputs(self.shape, positions, self.vocabulary, self.categories, self.edges, self.graphs)

    @property
    def outputs(self) -> int:
        return self.classes if self.task in POSITIONED else self.y_train.shape[1]

    @property
    def loss(self) -> str:
        return LOSSES_OF[self.task][0]

    @property
    def metric(self) -> str:
        return METRIC_OF[self.task]

    @property
    def train_targets(self) -> np.ndarray:
        return self.y_train

    def examples(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of "train", "validation" or "test"."""
        if split not in SPLITS:
            raise ValueError(f"there is no split {split!r}; {near(split, SPLITS)}")
        return getattr(self, f"x_{split}"), getattr(self, f"y_{split}")

    @property
    def nbytes(self) -> int:
        return sum(a.nbytes for split in SPLITS for a in self.examples(split))


def prepare(
    dataset: Dataset,
    split: Split = Split(),
    normalizers: Sequence[InputNormalizer] = (),
    dtype: Any = np.float32,
    content: str = "",
) -> Prepared:
    """Load, split, normalize and encode; the same arrays again for the same arguments in this process.

    Normalizers are fitted one after the other, each on the training split as the one before left it, in
    float64. Raises `OptbenchError` where the data are not what a dataset must give, or too few for the
    split.

    content   the first digits of the digest that the examples must have, where that is known beforehand
    """
    key = (dataset, split, tuple(normalizers), np.dtype(dtype))
    for _ in range(2):
        prepared = _CACHE.get(key, lambda: _prepare(dataset, split, normalizers, np.dtype(dtype)))
        if prepared.provenance["sha256_arrays"].startswith(content):
            return prepared
        _CACHE.clear()  # what was read in an earlier run of this process
    raise OptbenchError(
        f"dataset {dataset.name}: its data are not those that this trial was planned for: they have changed since, or "
        "are others on this machine"
    )


def forget() -> None:
    """Read data anew from now on: files may have changed."""
    _CACHE.clear()


def _prepare(
    dataset: Dataset, split: Split, normalizers: Sequence[InputNormalizer], dtype: np.dtype
) -> Prepared:
    where = f"dataset {dataset.name}"
    data = load(dataset, split.seed)
    x, y = checked(data, dataset.task, where)
    parts = split_indices(y if dataset.task in CLASSIFYING else None, len(x), split, where)
    scale = _scaling(x[parts[0]], normalizers, data, where)
    encoding = _encoding(y, dataset.task, data, parts[0])
    targets = encoding(x, y)
    if data.edges is None:
        xs, ys = [scale(x[index]) for index in parts], [targets[index] for index in parts]
    else:
        xs, ys = [scale(x)[None]] * len(parts), [_of_nodes(targets, index) for index in parts]
    x_train, x_validation, x_test = (_fixed(part, dtype, where) for part in xs)
    y_train, y_validation, y_test = (_fixed(part, dtype, where) for part in ys)
    fresh = None
    if dataset.online:
        fresh = Fresh(dataset.law(stream(split.seed, "data")), scale, encoding, dtype, where)
    provenance = {**data.provenance, "sha256_arrays": digest(data)}
    return Prepared(
        x_train=x_train,
        y_train=y_train,
        x_validation=x_validation,
        y_validation=y_validation,
        x_test=x_test,
        y_test=y_test,
        task=dataset.task,
        classes=encoding.classes,
        target_mean=encoding.mean,
        target_std=encoding.std,
        provenance=provenance,
        vocabulary=data.vocabulary,
        categories=data.categories,
        fresh=fresh,
        edges=None if data.edges is None else Edges(len(x), data.edges),
        graphs=data.graphs,
    )


def _of_nodes(targets: np.ndarray, part: np.ndarray) -> np.ndarray:
    """(1, nodes) the class numbers of a split's own nodes: of one graph, every split is the whole."""
    y = np.full((1, len(targets)), float(UNCOUNTED))
    y[0, part] = targets[part]
    return y


@dataclass(frozen=True)
class Fresh:
    """New examples of a law, as they come out of `prepare`."""

    draw: Draw
    scale: Callable[[np.ndarray], np.ndarray]
    encoding: "Encoding"
    dtype: np.dtype
    where: str

    def __call__(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """So many inputs and targets."""
        x, y = self.draw(rng, count)
        inputs = _fixed(self.scale(x), self.dtype, self.where)
        return inputs, _fixed(self.encoding(x, y), self.dtype, self.where)


def _scaling(
    train: np.ndarray, normalizers: Sequence[InputNormalizer], data: Data, where: str
) -> Callable[[np.ndarray], np.ndarray]:
    """What all inputs go through: normalizers, each fitted on the training split. Categories and edges stay."""
    if data.vocabulary and normalizers:
        raise OptbenchError(
            f"{where}: its inputs are tokens, which are not to be scaled; leave out normalizer {normalizers[0].name}"
        )
    first, behind = len(data.categories), train.shape[1] if data.graphs else 0
    transforms: list[Callable[[np.ndarray], np.ndarray]] = []

    def numbers(x: np.ndarray) -> np.ndarray:
        return x[..., first : x.shape[-1] - behind] if first or behind else x

    def scale(x: np.ndarray) -> np.ndarray:
        scaled = numbers(x)
        for transform in transforms:
            scaled = np.asarray(transform(scaled), dtype=np.float64)
        if not first and not behind:
            return scaled
        return np.concatenate([x[..., :first], scaled, x[..., x.shape[-1] - behind :]], axis=-1) if transforms else x

    for normalizer in normalizers:
        part = numbers(scale(train))
        if part.size:
            transforms.append(normalizer.fit(part.copy()))
    return scale


@dataclass(frozen=True)
class Encoding:
    """From y to targets (examples, outputs); of regression values `mean` is subtracted, and `std` divided by."""

    task: Task
    classes: int
    mean: np.ndarray
    std: np.ndarray

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        if self.task == "regression":
            return (y.reshape(len(y), -1) - self.mean) / self.std
        if self.task in POSITIONED:
            return y.astype(np.float64)
        if self.task == "reconstruction":
            return x.reshape(len(x), -1)
        if self.task == "binary":
            return y[:, None].astype(np.float64)
        return np.eye(self.classes)[y]


def _encoding(y: np.ndarray, task: Task, data: Data, train: np.ndarray) -> Encoding:
    if task == "regression":
        mean, std = y[train].mean(axis=0), y[train].std(axis=0)
        return Encoding(task, 0, mean, np.where(std > 0, std, 1.0))
    classes = 0
    if task == "sequence":
        classes = data.vocabulary or int(y.max()) + 1
    elif task in CLASSIFYING:
        classes = int(y.max()) + 1
    outputs = {"sequence": 0, "nodes": 0, "binary": 1, "classification": classes}.get(task, prod(data.x.shape[1:]))
    return Encoding(task, classes, np.zeros(outputs), np.ones(outputs))


def _fixed(array: np.ndarray, dtype: np.dtype, where: str) -> np.ndarray:
    """A read-only copy in memory order; an error where a normalizer or the dtype's range broke the values."""
    with np.errstate(over="ignore"):
        result = np.array(array, dtype=dtype, order="C")
    if not np.isfinite(result).all():
        raise OptbenchError(f"{where}: after its input normalizers and in {dtype}, values are not finite")
    result.flags.writeable = False
    return result


class _Cache:
    """The latest results by key, up to a number of bytes: a worker trains many trials on the same data."""

    def __init__(self, limit: int):
        self.limit = limit
        self.items: OrderedDict[Any, Prepared] = OrderedDict()

    def get(self, key: Any, make: Callable[[], Prepared]) -> Prepared:
        try:
            hash(key)
        except TypeError:  # a setting that is no number, text or tuple of those
            return make()
        if key not in self.items:
            self.items[key] = make()
        self.items.move_to_end(key)
        while len(self.items) > 1 and sum(p.nbytes for p in self.items.values()) > self.limit:
            self.items.popitem(last=False)
        return self.items[key]

    def clear(self) -> None:
        self.items.clear()


_CACHE = _Cache(CACHE_BYTES)
