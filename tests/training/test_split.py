"""Splits are fair, and depend on their own settings only."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.contract.hyperparameters import ComponentError
from optbench.training.split import Split, split_indices


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(20, 90), min_size=2, max_size=6),
    st.floats(0.1, 0.4),
    st.floats(0.1, 0.4),
    st.integers(0, 5),
)
def test_every_example_is_in_one_split_and_classes_are_in_proportion(counts, validation, test, seed):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    split = Split(validation, test, seed)
    train, valid, held_out = split_indices(labels, len(labels), split)
    assert sorted([*train, *valid, *held_out]) == list(range(len(labels)))
    assert len(held_out) == round(test * len(labels))
    assert len(valid) == round(validation * len(labels))
    for part in (train, valid, held_out):
        share = len(part) / len(labels)
        found = np.bincount(labels[part], minlength=len(counts))
        # One example for each end of the stretch that a split is, and for ties at it.
        assert (np.abs(found - share * np.array(counts)) <= 2).all()


def test_split_depends_on_its_seed_only():
    y = np.arange(100) % 3
    first, again, other = (split_indices(y, 100, Split(seed=seed)) for seed in (1, 1, 2))
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert set(a) != set(c)


def test_fewer_training_examples_leave_the_other_splits_alone():
    y = np.repeat([0, 1, 2], [50, 30, 20])
    whole = split_indices(y, 100, Split())
    small = split_indices(y, 100, Split(train=20))
    np.testing.assert_array_equal(whole[1], small[1])
    np.testing.assert_array_equal(whole[2], small[2])
    assert set(small[0]) < set(whole[0])
    np.testing.assert_array_equal(np.bincount(y[small[0]]), [10, 6, 4])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"validation": 0}, r"split: validation must be a share in \(0, 1\), got 0"),
        ({"test": 1.0}, r"split: test must be a share in \(0, 1\), got 1.0"),
        ({"test": "half"}, r"split: test must be a share in \(0, 1\), got 'half'"),
        ({"validation": 0.5, "test": 0.5}, r"must leave examples to train on, got 0.5 \+ 0.5"),
        ({"seed": -1}, "split: seed must be a whole number from 0, got -1"),
        ({"train": 0}, "split: train must be a whole number from 1, got 0"),
        ({"train": 10.5}, "split: train must be a whole number from 1, got 10.5"),
    ],
)
def test_impossible_splits_name_the_field(settings, message):
    with pytest.raises(ComponentError, match=message):
        Split(**settings)
