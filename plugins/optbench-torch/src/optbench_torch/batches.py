"""Mini-batches of a user's own loader: the same again for the same seed, also in the middle of an epoch."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from optbench import ComponentError
from optbench_torch.chance import seeded
from optbench_torch.library import torch_module

#: epochs that may be under way at once: of a stack, and of further gradients
OPEN = 64
#: of torch's seeds
SEEDS = 2**32


class Epoch:
    """One way through a loader."""

    def __init__(self, batches: "Batches", seed: int):
        self.batches, self.seed, self.place, self.batch = batches, seed, -1, None
        self.iterator: Iterator[Any] | None = None

    def at(self, place: int) -> Any:
        """The batch of this number (0, 1, …); None behind the last."""
        while self.place < place:
            self.place += 1
            # Each batch has chance of its own, so that none depends on what was drawn since the last.
            seed = (self.seed + self.place) % SEEDS
            with seeded(seed), self.batches.own_chance(seed):
                if self.iterator is None:
                    self.iterator = self.batches.begin()
                self.batch = next(self.iterator, None)
            if self.batch is None:
                break
        return self.batch


class Batches:
    """A split's loader: a `torch.utils.data.DataLoader`, a list of batches, or a function that gives an iterable.

    where    names it in a message
    """

    def __init__(self, where: str, loader: Any):
        self.where, self.loader = where, loader
        self.epochs: OrderedDict[int, Epoch] = OrderedDict()
        if not callable(loader) and not hasattr(loader, "__iter__"):
            raise ComponentError(f"{where} is a {type(loader).__name__}: give a DataLoader, or what gives batches")
        if hasattr(loader, "__next__"):
            raise ComponentError(f"{where} can be gone through once: give a function that makes it anew")

        holders = (loader, getattr(loader, "sampler", None))
        found = {id(own): own for holder in holders if (own := getattr(holder, "generator", None)) is not None}
        self.generators = [own for own in found.values() if isinstance(own, torch_module().Generator)]

    def begin(self) -> Iterator[Any]:
        """A new epoch."""
        return iter(self.loader() if callable(self.loader) else self.loader)

    @contextmanager
    def own_chance(self, seed: int) -> Iterator[None]:
        """A loader's own generators start at the seed within, and are as they were behind it."""
        before = [own.get_state() for own in self.generators]
        for own in self.generators:
            own.manual_seed(seed)
        try:
            yield
        finally:
            for own, state in zip(self.generators, before, strict=True):
                own.set_state(state)

    def at(self, seed: int, place: int) -> Any:
        """Batch `place` of the epoch of this seed; None behind its last."""
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


def moved(batch: Any, device: Any, dtype: Any) -> Any:
    """A batch, however nested, on a device, with floats of a dtype."""
    torch = torch_module()
    if isinstance(batch, torch.Tensor):
        return batch.to(device, dtype) if batch.is_floating_point() else batch.to(device)
    if isinstance(batch, dict):
        return {key: moved(value, device, dtype) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        parts = [moved(value, device, dtype) for value in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)
    return batch


def examples(batch: Any) -> int:
    """How many examples a batch has: the length of its first tensor; 1 where it has none."""
    torch = torch_module()
    if isinstance(batch, torch.Tensor):
        return len(batch) if batch.ndim else 1
    parts = list(batch.values()) if isinstance(batch, dict) else batch
    return examples(parts[0]) if isinstance(parts, (list, tuple)) and parts else 1
