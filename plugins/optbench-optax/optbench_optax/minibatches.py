"""Mini-batches of a user's own: the same again for the same seed, also in the middle of an epoch."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench import ComponentError
from optbench.bridging import Minibatches


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


class Batches(Minibatches):
    """A split's loader: a list of batches, or a function that gives an epoch's; of a generator, if it takes one."""

    def begin(self, seed: int) -> Iterable[Any]:
        if callable(self.loader) and draws(self.loader):
            found: Iterable[Any] = self.loader(np.random.default_rng(seed))
            return found
        return super().begin(seed)

    def check(self) -> None:
        """Refuse one that draws from anything but its generator, too."""
        super().check()
        one, other = (next(self.all(1)) for _ in range(2))
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
