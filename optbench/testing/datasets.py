"""What a dataset owes. Where its examples cannot be had (no network), its checks are skipped."""

from typing import Any

import numpy as np

from optbench.contract.dataset import Data
from optbench.contract.errors import OptbenchError
from optbench.testing.base import CheckFailed, expect, made
from optbench.testing.exercise import examples

__all__ = ["check_examples_are_valid", "check_examples_can_be_split", "check_names_its_source"]


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
