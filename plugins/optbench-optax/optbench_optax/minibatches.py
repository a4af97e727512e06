"""Mini-batches of a user's own: the same again for the same seed, also in the middle of an epoch."""

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench import ComponentError

#: epochs that may be under way at once: of a stack, and of further gradients
OPEN = 64
#: of an epoch's generator, and of jax's keys
SEEDS = 2**32


@dataclass(frozen=True, eq=False)
class Shuffled:
    """Mini-batches of arrays, in another order in each epoch; what is left over in the end is a smaller one or, by
    default, left out.

    arrays     a tree of arrays whose first axis counts examples, such as (x, y)
    size       examples of a batch
    partial    whether the last batch may be smaller; jax then compiles once more
    """

    arrays: Any
    size: int
    partial: bool = False

    def __call__(self, rng: np.random.Generator) -> Iterator[Any]:
        import jax

        count = examples(self.arrays)
        order = rng.permutation(count)
        for begin in range(0, count if self.partial else count - self.size + 1, self.size):
            chosen = order[begin : begin + self.size]
            yield jax.tree.map(lambda array, chosen=chosen: array[chosen], self.arrays)


def batches(arrays: Any, size: int, *, partial: bool = False) -> Shuffled:
    """A loader for `workload`: mini-batches of `size` examples of arrays, in an order that is drawn for each epoch.

    arrays    a tree of arrays whose first axis counts examples: (x, y), {"x": x, "y": y}
    partial   whether an epoch ends in a smaller batch of what is left over, for which jax compiles once more
    """
    import jax

    arrays = jax.tree.map(np.asarray, arrays)
    counts = sorted({len(leaf) if np.ndim(leaf) else 0 for leaf in jax.tree.leaves(arrays)})
    if len(counts) != 1 or not 1 <= size <= counts[0]:
        raise ComponentError(
            f"batches of {size!r} examples need arrays of one length and at least as many; here are arrays of "
            f"{', '.join(map(str, counts)) or 'nothing'}"
        )
    return Shuffled(arrays, int(size), partial)


class Epoch:
    """One way through a loader."""

    def __init__(self, source: "Batches", seed: int):
        self.place, self.batch = -1, None
        self.iterator = iter(source.begin(seed))

    def at(self, place: int) -> Any:
        """The batch of this number (0, 1, …); None behind the last."""
        while self.place < place:
            self.place += 1
            self.batch = next(self.iterator, None)
            if self.batch is None:
                break
        return self.batch


class Batches:
    """A split's loader: a list of batches, or a function that gives an epoch's; of a generator, if it takes one.

    where    names it in a message
    """

    def __init__(self, where: str, loader: Any):
        self.where, self.loader = where, loader
        self.epochs: OrderedDict[int, Epoch] = OrderedDict()
        if not callable(loader) and not hasattr(loader, "__iter__"):
            raise ComponentError(f"{where} is a {type(loader).__name__}: give a list of batches, or what gives batches")
        if hasattr(loader, "__next__"):
            raise ComponentError(f"{where} can be gone through once: give a function that makes it anew")

    def begin(self, seed: int) -> Iterable[Any]:
        """A new epoch."""
        if not callable(self.loader):
            return self.loader
        given = [np.random.default_rng(seed)] if draws(self.loader) else []
        return self.loader(*given)

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

    def check(self) -> None:
        """Refuse a loader without a batch, and one that draws from anything but its generator."""
        one, other = (Epoch(self, 0).at(0) for _ in range(2))
        if one is None:
            raise ComponentError(f"{self.where} gives no batch")
        if not _same(one, other):
            raise ComponentError(
                f"{self.where} gives other batches for the same seed: let it be a function of a generator, "
                "batches(rng), and draw from that alone"
            )


def draws(loader: Callable[..., Any]) -> bool:
    """Whether a loader is a function of a generator."""
    parameters = inspect.signature(loader).parameters.values()
    return any(p.default is inspect.Parameter.empty for p in parameters)


def moved(batch: Any, dtype: np.dtype) -> Any:
    """A batch, however nested, with floats of a dtype."""
    import jax

    def one(leaf: Any) -> Any:
        array = leaf if isinstance(leaf, (np.ndarray, jax.Array)) else np.asarray(leaf)
        floats = jax.dtypes.issubdtype(array.dtype, np.floating)
        return array.astype(dtype) if floats and array.dtype != dtype else array

    return jax.tree.map(one, batch)


def examples(batch: Any) -> int:
    """How many examples a batch has: the length of its first array; 1 where it has none."""
    import jax

    leaves = jax.tree.leaves(batch)
    return len(leaves[0]) if leaves and np.ndim(leaves[0]) else 1


def _same(one: Any, other: Any) -> bool:
    import jax

    (left, shape), (right, wanted) = jax.tree.flatten(one), jax.tree.flatten(other)
    return shape == wanted and all(
        np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True) for a, b in zip(left, right, strict=True)
    )
