"""Mini-batches of a user's own loader: the same again for the same seed, also in the middle of an epoch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from optbench.bridging import Minibatches
from optbench_torch.chance import seeded
from optbench_torch.library import torch_module


class Batches(Minibatches):
    """A split's loader: a `torch.utils.data.DataLoader`, a list of batches, or a function that gives an iterable."""

    wanted = "a DataLoader, or what gives batches"

    def __init__(self, where: str, loader: Any):
        super().__init__(where, loader)
        holders = (loader, getattr(loader, "sampler", None))
        found = {id(own): own for holder in holders if (own := getattr(holder, "generator", None)) is not None}
        self.generators = [own for own in found.values() if isinstance(own, torch_module().Generator)]

    @contextmanager
    def chance(self, seed: int) -> Iterator[None]:
        with seeded(seed), self.own_chance(seed):
            yield

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
