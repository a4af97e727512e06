"""Differences of differences against loops over seeds, and what misses may say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.statistics.contrasts import Term, contrast, contrast_bounds, difference, twofold
from optbench.statistics.pairs import Paired, seed_pairs

NAMES = ["a", "b", "c", "d"]


def paired(values, missed=None):
    values = np.asarray(values, dtype=float)
    missed = np.zeros(values.shape, dtype=bool) if missed is None else np.asarray(missed)
    return Paired(NAMES[: len(values)], [f"w{i}" for i in range(values.shape[1])], values, missed, True)


def test_a_difference_of_differences_is_made_seed_by_seed():
    values = np.random.default_rng(0).normal(size=(4, 3, 7))
    for w, group in enumerate(contrast(paired(values), [twofold("a", "b", "c", "d")])):
        for s, found in enumerate(group):
            a, b, c, d = values[:, w, s]
            assert found == pytest.approx((a - b) - (c - d))


def test_of_two_candidates_it_is_what_pairs_say(noisy):
    trials = noisy({"a": 1.0, "b": 1.3}, seeds=8, spread=0.5)
    late = trials["steps_to_target"] > trials["steps_to_target"].quantile(0.7)
    trials.loc[late, "steps_to_target"] = math.inf
    pairs = seed_pairs(trials)
    assert pairs.missed.any()
    for one, other in zip(contrast(pairs, [difference("a", "b")]), pairs.differences(0, 1), strict=True):
        np.testing.assert_allclose(one, other)
    for one, other in zip(contrast_bounds(pairs, [difference("a", "b")], 0.1), pairs.bounds(0, 1, 0.1), strict=True):
        np.testing.assert_allclose(one, other)


def test_groups_are_means_and_several_terms_too():
    values = np.random.default_rng(1).normal(size=(4, 1, 5))
    a, b, c, d = values[:, 0]
    (group,) = contrast(paired(values), [Term((("a", "b"),), (("c", "d"),))])
    np.testing.assert_allclose(group, (a + b) / 2 - (c + d) / 2)
    (mean,) = contrast(paired(values), [difference("a", "b"), difference("c", "d")])
    np.testing.assert_allclose(mean, (a - b + c - d) / 2)


def test_seeds_that_lack_a_run_do_not_count():
    values = np.random.default_rng(2).normal(size=(4, 2, 5))
    values[2, 0, 3] = np.nan
    values[3, 1] = np.nan
    groups = contrast(paired(values), [twofold("a", "b", "c", "d")])
    assert [len(group) for group in groups] == [4, 0]


def test_ladders_are_means_over_their_targets():
    values = np.random.default_rng(3).normal(size=(4, 1, 5, 3))
    values[..., 2] = np.nan
    (group,) = contrast(paired(values), [twofold("a", "b", "c", "d")])
    a, b, c, d = values[:, 0, :, :2].mean(axis=-1)
    np.testing.assert_allclose(group, a - b - c + d)


cells = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=4, max_size=4)


@given(cells, st.sampled_from([0.5, 2.0]))
@settings(max_examples=300, deadline=None)
def test_no_true_times_contradict_it(cell, margin):
    """Whatever missed times were in truth (no less than known), the sign and the bounds do not claim too much."""
    known = np.array([value for value, _ in cell], dtype=float)
    missed = np.array([miss for _, miss in cell])
    pairs = paired(known[:, None, None], missed[:, None, None])
    term = twofold(*NAMES)
    found = float(contrast(pairs, [term])[0][0])
    low, high = contrast_bounds(pairs, [term], margin)[0][:, 0]
    back = contrast(pairs, [Term(term.minus, term.plus)])[0][0]
    assert back == -found
    for extra in np.ndindex(3, 3, 3, 3):
        a, b, c, d = known + np.where(missed, np.array(extra) * 4.0, 0.0)
        truth = a - b - c + d
        if found > 0:
            assert truth >= found
        if found < 0:
            assert truth <= found
        # a bound inside the margin holds for every true value, one at the margin claims nothing
        assert truth >= low or low <= -margin
        assert truth <= high or high >= margin
