"""Seconds of several machines: scaled by a candidate that was timed on both."""

import math

import pytest

from optbench.store.machines import Measured, on_one_machine


def row(candidate, seconds, place, workload="w"):
    return Measured(workload, candidate, seconds, 0.9 * seconds, 1.1 * seconds, 7, place)


def seconds(rows, baseline=None):
    costs, scaled = on_one_machine(rows, baseline)
    return {(w, c): s for w, c, s, *_ in costs}, {(s.workload, s.candidate): (s.factor, s.by) for s in scaled}


def test_one_machine_is_left_as_it_is():
    rows = [row("a", 1.0, 1), row("b", 3.0, 1), row("a", 2.0, 1, "other")]
    assert seconds(rows, "a") == ({("w", "a"): 1.0, ("w", "b"): 3.0, ("other", "a"): 2.0}, {})


def test_the_baseline_tells_how_much_slower_the_last_machine_is():
    there = [row("sgd", 1.0, 1), row("adam", 3.0, 1), row("lion", 2.0, 1)]
    here = [row("sgd", 2.5, 2), row("lion", 4.0, 2)]
    costs, scaled = seconds(there + here, "sgd")
    assert costs == {("w", "sgd"): 2.5, ("w", "adam"): 7.5, ("w", "lion"): 4.0}
    assert scaled == {("w", "adam"): (2.5, ("sgd",))}
    low, high = on_one_machine(there + here, "sgd")[0][1][3:5]
    assert (low, high) == pytest.approx((0.9 * 7.5, 1.1 * 7.5))


def test_without_the_baseline_all_that_both_timed_tell():
    rows = [row("a", 1.0, 1), row("b", 1.0, 1), row("c", 1.0, 1), row("a", 2.0, 2), row("b", 8.0, 2)]
    costs, scaled = seconds(rows, "c")
    assert costs["w", "c"] == pytest.approx(4.0)  # geometric mean of 2 and 8
    assert scaled["w", "c"][1] == ("a", "b")


@pytest.mark.parametrize("shared", [[], [row("sgd", math.nan, 2)], [row("sgd", 0.0, 2)]])
def test_with_nothing_timed_on_both_there_is_no_number(shared):
    costs, scaled = seconds([row("sgd", 1.0, 1), row("adam", 3.0, 1), *shared, row("lion", 4.0, 2)], "sgd")
    assert math.isnan(costs["w", "adam"])
    assert scaled["w", "adam"][1] == ()
    assert costs["w", "lion"] == 4.0
