"""What a dataset owes. Where its examples cannot be had (no network), its checks are skipped."""

from typing import Any

import numpy as np

from optbench.contract.dataset import Data
from optbench.contract.errors import OptbenchError
from optbench.testing.base import CheckFailed, expect, made
from optbench.testing.exercise import examples

__all__ = [
    "check_examples_are_valid",
    "check_examples_can_be_split",
    "check_names_its_source",
    "check_new_examples_are_like_those_loaded",
]
#: new examples that are drawn
NEW = 64


def check_examples_are_valid(component: Any) -> None:
    """Finite inputs, one label an example, classes 0, 1, ... without a gap."""
    from optbench.training.examples import checked

    one = made(component)
    data = examples(one)
    expect(isinstance(data, Data), f"load returned {type(data).__name__}: return Data(x, y)")
    expect(
        np.asarray(data.x).dtype == np.float64, f"x is {np.asarray(data.x).dtype}: give float64, runs are rounded later"
    )
    try:
        checked(data, one.task, f"dataset {one.name}")
    except OptbenchError as error:
        raise CheckFailed(str(error)) from error


def check_examples_can_be_split(component: Any) -> None:
    """60, 20 and 20 percent for training, validation and test leave every class in each."""
    from optbench.training.preparation import prepare
    from optbench.training.split import Split

    one = made(component)
    examples(one)
    try:
        prepared = prepare(one, Split())
    except OptbenchError as error:
        raise CheckFailed(f"it cannot be prepared for training: {error}") from error
    expect(np.isfinite(prepared.x_train).all(), "its inputs are not finite in float32: scale them")


def check_names_its_source(component: Any) -> None:
    """`source` says what the data are, where they are from, and under which licence."""
    source = made(component).source
    expect(
        isinstance(source, str) and source,
        'it has no source: say what it is, where from and under which licence, source = "..."',
    )


def check_new_examples_are_like_those_loaded(component: Any) -> None:
    """An `endless` dataset's `law` draws examples as `load` has them, from the generator that it is given."""
    one = made(component)
    if not one.endless:
        expect(not one.online, "it is online, but not endless: give it a law, and set endless = True")
        return
    data = examples(one)

    def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
        x, y = one.law(np.random.default_rng(0))(np.random.default_rng(seed), NEW)
        return np.asarray(x), np.asarray(y)

    new, again, other = drawn(1), drawn(1), drawn(2)
    for name, array, loaded in zip("xy", new, (np.asarray(data.x), np.asarray(data.y)), strict=True):
        wanted = (NEW, *loaded.shape[1:])
        expect(array.shape == wanted, f"law draws {name} of shape {array.shape}, expected {wanted} as load has them")
        expect(array.dtype == loaded.dtype, f"law draws {name} of type {array.dtype}, load gives {loaded.dtype}")
        expect(np.isfinite(array).all(), f"law draws values of {name} that are not finite")
        if array.dtype.kind == "i" or data.vocabulary:
            low, high = loaded.min(), max(loaded.max(), data.vocabulary - 1)
            expect(
                low <= array.min() and array.max() <= high,
                f"law draws {name} from {array.min()} to {array.max()}, load gives {low} to {high}",
            )
    same = all(np.array_equal(a, b) for a, b in zip(new, again, strict=True))
    expect(same, "law gives other examples for the same generators: draw from those alone")
    expect(
        not np.array_equal(new[0], other[0]),
        "law gives the same examples for another generator: draw from the one that is given",
    )
