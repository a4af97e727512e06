"""Mini-batches of a user's own: the same again for the same seed, also in the middle of an epoch."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from optbench.contract.hyperparameters import ComponentError

#: epochs that may be under way at once: of a stack, and of further gradients
OPEN = 64
#: so many seeds of epochs, batches and first values there are: they are below it
SEEDS = 2**32
SPLITS = ("train", "validation", "test")
#: the training loss is measured on the first so many batches of the training loader
MEASURED = 16


class Minibatches:
    """A split's loader: a list of batches, or a function without arguments that gives an iterable of an epoch's.

    A bridge says what else a loader may be, and where its chance comes from, by `begin` and `chance`.

    where    names it in a message
    """

    #: what a user is told to give
    wanted = "a list of batches, or what gives batches"

    def __init__(self, where: str, loader: Any):
        self.where, self.loader = where, loader
        self.epochs: OrderedDict[int, Epoch] = OrderedDict()
        if not callable(loader) and not hasattr(loader, "__iter__"):
            raise ComponentError(f"{where} is a {type(loader).__name__}: give {self.wanted}")
        if hasattr(loader, "__next__"):
            raise ComponentError(f"{where} can be gone through once: give a function that makes it anew")

    @classmethod
    def of_splits(cls, where: str, loaders: Any) -> dict[str, Self]:
        """Those of "train", and of "validation" and "test" if there are; or the training loader alone."""
        given = loaders if isinstance(loaders, Mapping) else {"train": loaders}
        if set(given) - set(SPLITS) or "train" not in given:
            raise ComponentError(
                f"{where}: loaders are those of {', '.join(SPLITS)}, of which train must be there, got "
                f"{', '.join(map(repr, given)) or 'none'}"
            )
        found = {split: cls(f"{where}: the {split} loader", loader) for split, loader in given.items()}
        for one in found.values():
            one.check()
        return found

    def check(self) -> None:
        """Refuse a loader without a batch."""
        if next(self.all(1), None) is None:
            raise ComponentError(f"{self.where} gives no batch")

    def begin(self, seed: int) -> Iterable[Any]:
        """A new epoch, of this seed."""
        return self.loader() if callable(self.loader) else self.loader

    def chance(self, seed: int) -> AbstractContextManager[Any]:
        """Within it a batch is made: what loaders draw from, and were not given, begins at this seed."""
        return nullcontext()

    def at(self, seed: int, place: int) -> Any:
        """Batch `place` (0, 1, …) of the epoch of this seed; None behind its last."""
        epoch = self.epochs.get(seed)
        if epoch is None or epoch.place > place:
            epoch = self.epochs[seed] = Epoch(self, seed)
        self.epochs.move_to_end(seed)
        while len(self.epochs) > OPEN:
            self.epochs.popitem(last=False)
        return epoch.at(place)

    def all(self, most: int | None = None) -> Iterator[Any]:
        """Every batch of one epoch, always the same, or the first of them."""
        epoch, place = Epoch(self, 0), 0
        while (most is None or place < most) and (batch := epoch.at(place)) is not None:
            yield batch
            place += 1


class Epoch:
    """One way through a loader."""

    def __init__(self, batches: Minibatches, seed: int):
        self.batches, self.seed, self.place, self.batch = batches, seed, -1, None
        self.iterator: Iterator[Any] | None = None

    def at(self, place: int) -> Any:
        """The batch of this number; None behind the last."""
        while self.place < place:
            self.place += 1
            # Each batch has chance of its own, so that none depends on what was drawn since the last.
            with self.batches.chance((self.seed + self.place) % SEEDS):
                if self.iterator is None:
                    self.iterator = iter(self.batches.begin(self.seed))
                self.batch = next(self.iterator, None)
            if self.batch is None:
                break
        return self.batch


def mean_scores(
    batches: Mapping[str, Minibatches], split: str, score: Callable[[Any], tuple[int, float, float]]
) -> tuple[float, float]:
    """Mean loss and metric of a split's batches, each counted by its examples; NaN where there is no such split.

    score   (examples, loss, metric) of a batch
    """
    if split not in batches:
        return float("nan"), float("nan")
    found = [score(batch) for batch in batches[split].all(MEASURED if split == "train" else None)]
    count = sum(size for size, _, _ in found)
    loss = sum((size * loss for size, loss, _ in found), 0.0)
    quality = sum((size * quality for size, _, quality in found), 0.0)
    return loss / count, quality / count
