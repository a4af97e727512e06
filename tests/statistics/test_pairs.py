"""Pairs of seeds: which pair with which, and how misses count."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench import OptbenchError
from optbench.statistics import Paired, seed_pairs
from optbench.statistics.pairs import UNSEEN

INF = math.inf


def differences(table, by="steps"):
    pairs = seed_pairs(table, by)
    a, b = (pairs.candidates.index(name) for name in "ab")
    return dict(zip(pairs.workloads, pairs.differences(a, b), strict=True))


def test_seeds_pair_whatever_the_order_of_rows(trials):
    rows = [("w", "a", s, 10.0 * (s + 1), 0.9) for s in range(4)] + [("w", "b", s, 20.0, 0.8) for s in (3, 1, 0)]
    table = trials(rows).sample(frac=1, random_state=0)
    np.testing.assert_allclose(sorted(differences(table)["w"]), np.log([0.5, 1, 2]))
    np.testing.assert_allclose(differences(table, "final")["w"], [0.1] * 3)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (INF, 30.0, math.log(101 / 30)),  # a missed its budget of 100 steps: it took at least 101
        (30.0, INF, math.log(30 / 101)),
        (INF, INF, 0),  # nobody knows who was ahead
        (INF, 150.0, 0),  # b took longer than the budget of a: neither is known to be ahead
        (0.0, 10.0, math.log(0.5)),  # met before the first step: half the earliest time that was seen
        (0.0, 0.0, 0),
    ],
)
def test_misses_count_as_the_least_that_they_can_have_taken(trials, a, b, expected):
    table = trials([("w", "a", 0, a, 0.9), ("w", "b", 0, b, 0.9)]).assign(steps=100.0)
    if b == 150:
        table["steps"] = [100.0, 200.0]
    assert differences(table)["w"] == pytest.approx([expected])


def test_other_units_of_time(trials):
    rows = [("a", 0, 10.0), ("b", 0, 40.0), ("a", 1, INF), ("b", 1, 50.0)]
    table = trials([("w", *row, 0.9) for row in rows])
    table = table.assign(steps=80.0, gradients=[160.0, 80, 160, 80], epochs=8.0, seconds_per_step=[3.0, 1, 3, 1])
    table["gradients_to_target"] = [20.0, 40, INF, 50]
    table["seconds_to_target"] = [30.0, 40, INF, 50]
    table["epochs_to_target"] = [1.0, 4, INF, 5]
    np.testing.assert_allclose(differences(table, "gradients")["w"], np.log([20 / 40, 161 / 50]))
    np.testing.assert_allclose(differences(table, "seconds")["w"], np.log([30 / 40, 81 * 3 / 50]))
    np.testing.assert_allclose(differences(table, "epochs")["w"], np.log([1 / 4, 8 * (1 + 1 / 80) / 5]))
    with pytest.raises(OptbenchError, match="by must be 'steps' or"):
        seed_pairs(table, "hours")


def test_workloads_without_a_target_and_absent_candidates(trials):
    table = trials([("w", "a", 0, 10.0, 0.9), ("v", "a", 0, math.nan, 0.9), ("w", "b", 1, 5.0, 0.9)])
    table.loc[1, "target_metric"] = None
    pairs = seed_pairs(table)
    assert pairs.workloads == ["w"]
    assert len(pairs.differences(0, 1)[0]) == 0
    assert seed_pairs(table, "final").workloads == ["w", "v"]
    assert seed_pairs(table.iloc[:0]).candidates == []


TIMES = st.one_of(st.floats(0.5, 100), st.just(INF))
RUN = st.lists(TIMES, min_size=3, max_size=3)


def ladders(x, y, budgets=(100.0, 100.0)):
    """Pairs of two runs with three targets each."""
    times = np.array([[[x]], [[y]]], dtype=float)
    missed = np.isinf(times)
    least = np.array(budgets).reshape(2, 1, 1, 1) + 1
    return Paired(["a", "b"], ["w"], np.log(np.where(missed, least, times)), missed, True)


@given(RUN, RUN, st.sampled_from([50.0, 100.0, 200.0]))
def test_exchanged_runs_give_the_negative_whatever_was_missed(x, y, budget):
    pairs = ladders(x, y, (100.0, budget))
    assert pairs.differences(0, 1)[0] == pytest.approx(-pairs.differences(1, 0)[0])
    (low, high), (other_low, other_high) = pairs.bounds(0, 1, 0.1)[0], pairs.bounds(1, 0, 0.1)[0]
    assert (low, high) == (pytest.approx(-other_high), pytest.approx(-other_low))
    assert low <= high
    if np.isfinite(x + y).all():
        assert low == high == pytest.approx(pairs.differences(0, 1)[0])


@given(RUN, RUN, st.integers(0, 2))
def test_a_miss_is_never_better_than_a_hit(x, y, rung):
    missed = [INF if i == rung else t for i, t in enumerate(x)]
    hit = ladders(x, y).differences(0, 1)[0]
    if np.isfinite(y[rung]):
        assert ladders(missed, y).differences(0, 1)[0] >= hit - 1e-12


@pytest.mark.parametrize(
    ("x", "y", "low", "high"),
    [
        (INF, INF, -0.1, 0.1),  # a tie of either test
        (INF, 100.0, math.log(1.01), 0.1),  # at least 1 % slower, and perhaps very much
        (INF, 50.0, math.log(101 / 50), math.log(101 / 50)),
        (100.0, INF, -0.1, -math.log(1.01)),
    ],
)
@pytest.mark.parametrize("others", [30, 10])
def test_what_is_not_known_counts_against_equality(x, y, low, high, others):
    """As the margin where hardly any target is missed, else as a time without end."""
    times = np.array([[[x, *[10.0] * others]], [[y, *[10.0] * others]]])[..., None]
    missed = np.isinf(times)
    pairs = Paired(["a", "b"], ["w"], np.log(np.where(missed, 101.0, times)), missed, True)
    if others == 10:
        low, high = (-UNSEEN if np.isinf(y) else low), (UNSEEN if np.isinf(x) else high)
    assert pairs.bounds(0, 1, 0.1)[0][:, 0] == pytest.approx([low, high])
