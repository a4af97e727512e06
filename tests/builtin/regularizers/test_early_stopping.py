"""Early stopping: when, and what is kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.builtin.regularizers.early_stopping import EarlyStopping
from optbench.contract.context import Measurement
from optbench.contract.hyperparameters import ComponentError

NAN = float("nan")


def history(losses):
    return [Measurement(i, i, i, 0.0, 1.0, 0.0, 0.0, loss, 0.0, 0.0) for i, loss in enumerate(losses)]


@pytest.mark.parametrize(
    ("losses", "stops", "kept"),
    [
        ([3, 2, 1], False, 2),
        ([1, 2], False, 0),
        ([1, 2, 2], True, 0),
        ([1, 1, 1], True, 0),
        ([3, 1, 2, 0.5], False, 3),
        ([NAN, 1, 2], False, 1),
        ([NAN, NAN, NAN], True, 2),
        ([1, NAN, NAN], True, 0),
        ([1], False, 0),
    ],
)
def test_patience_of_two(losses, stops, kept):
    rule = EarlyStopping(patience=2)
    assert rule.stop(history(losses)) is stops
    assert rule.keep(history(losses)) == kept


def test_margin_decides_when_to_stop_but_the_best_is_kept():
    rule = EarlyStopping(patience=2, margin=0.5)
    assert rule.stop(history([1, 0.9, 0.8]))
    assert rule.keep(history([1, 0.9, 0.8])) == 2
    assert not rule.stop(history([1, 0.9, 0.4]))


@given(st.lists(st.floats(0, 10), min_size=1, max_size=20), st.integers(1, 5))
def test_the_first_least_loss_is_kept_and_stopping_is_late_enough(losses, patience):
    rule = EarlyStopping(patience)
    assert rule.keep(history(losses)) == int(np.argmin(losses))
    since = len(losses) - 1 - int(np.argmin(losses))
    assert rule.stop(history(losses)) == (since >= patience)


def test_patience_is_at_least_one():
    with pytest.raises(ComponentError, match=r"early-stopping: patience must be in \[1, inf\), got 0"):
        EarlyStopping(0)
