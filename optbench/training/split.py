"""Which examples are for training, for validation and for the test."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import ComponentError
from optbench.trials.seeds import stream
from optbench.trials.trial import SPLITS


@dataclass(frozen=True)
class Split:
    """How examples are shared out; every class in the same proportion in each split, up to an example or two.

    validation, test   shares of all examples, in (0, 1); the rest is for training
    seed               chooses the examples of synthetic data, and which example goes where
    train              keep this many training examples only; validation and test stay the same
    """

    validation: float = 0.2
    test: float = 0.2
    seed: int = 0
    train: int | None = None

    def __post_init__(self) -> None:
        for name in ("validation", "test"):
            share = getattr(self, name)
            if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
                raise ComponentError(f"split: {name} must be a share in (0, 1), got {share!r}")
        if self.validation + self.test >= 1:
            raise ComponentError(
                "split: validation and test must leave examples to train on, "
                f"got {self.validation:g} + {self.test:g}"
            )
        if not _whole(self.seed) or self.seed < 0:
            raise ComponentError(f"split: seed must be a whole number from 0, got {self.seed!r}")
        if self.train is not None and (not _whole(self.train) or self.train < 1):
            raise ComponentError(f"split: train must be a whole number from 1, got {self.train!r}")


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def split_indices(
    labels: np.ndarray | None, examples: int, split: Split, where: str = "split"
) -> list[np.ndarray]:
    """Indices of the training, validation and test examples, in random order; stratified by `labels`, if any.

    Raises `OptbenchError` where a split would be empty or without one of the classes.
    """
    rng = stream(split.seed, "split")
    order = rng.permutation(examples) if labels is None else stratified_order(labels, rng)
    test = round(split.test * examples)
    validation = round(split.validation * examples)
    train = order[test + validation :]
    if split.train is not None:
        if split.train > len(train):
            raise OptbenchError(
                f"{where}: split.train = {split.train}, but only {len(train)} of {examples} examples "
                "are for training"
            )
        train = train[: split.train]
    parts = [train, order[test : test + validation], order[:test]]
    for name, part in zip(SPLITS, parts, strict=True):
        if len(part) == 0:
            raise OptbenchError(f"{where}: {examples} examples are too few: the {name} split would be empty")
        if labels is not None:
            _check_classes(labels, part, name, where)
    # A stratified order alternates between classes, and whoever reads the first examples wants a random sample.
    # Training comes last, so that its size does not change the order of the others.
    return [rng.permutation(part) for part in reversed(parts)][::-1]


def _check_classes(labels: np.ndarray, part: np.ndarray, name: str, where: str) -> None:
    counts = np.bincount(labels)
    missing = np.flatnonzero(np.bincount(labels[part], minlength=len(counts)) == 0)
    if len(missing):
        c = int(missing[0])
        raise OptbenchError(
            f"{where}: class {c} has too few examples ({counts[c]} in all): the {name} split of {len(part)} "
            "would have none of it; use more examples or a larger share"
        )


def stratified_order(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random order, any stretch of which has each class in the proportion of the whole, up to an example or two.

    The j-th of n examples of a class, in random order, is placed at (j + 1/2) / n. Where classes tie, they come in
    one order all along, chosen at random: a short stretch has all of them even so.
    """
    place = np.empty(len(labels))
    classes = int(labels.max()) + 1
    for c in range(classes):
        members = np.flatnonzero(labels == c)
        place[rng.permutation(members)] = (np.arange(len(members)) + 0.5) / len(members)
    return np.lexsort((rng.permutation(classes)[labels], place))
