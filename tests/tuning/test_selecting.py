"""Which tuned trial is selected: validation data only, every outcome counted, ties decided."""

import math

import pytest

from optbench.contract.context import Measurement
from optbench.trials.trial import Assignment, Run, Trial
from optbench.tuning import log_time, over_seeds, rank, ranked

NAN, INF = float("nan"), float("inf")


def assignments(count):
    return [Assignment("digits", "sgd", "tune", 0, n, Trial({"n": n}, {}, 1, {})) for n in range(count)]


def order(runs, workload, how="target"):
    found = assignments(len(runs))
    table = {a.trial.key: run for a, run in zip(found, runs, strict=True)}
    numbers = [a.number for a in ranked(found, table, workload, how)]
    assert ranked(found, table, workload, how)[0].number == numbers[0]
    # the order in which they come must not matter
    assert [a.number for a in ranked(found[::-1], table, workload, how)] == numbers
    return numbers


def test_fewest_steps_to_the_target_first(suite, run_of):
    runs = [
        run_of((0, 0.1, 2), (10, 0.8, 1), (20, 0.99, 0.1)),
        run_of((0, 0.1, 2), (10, 0.9, 1), (20, 0.91, 0.9)),
        run_of((0, 0.1, 2), (10, 0.8, 1), (20, 0.89, 0.1)),
    ]
    assert order(runs, suite.workload("digits")) == [1, 0, 2]
    assert order(runs, suite.workload("digits"), "final") == [0, 1, 2]


def test_then_the_final_metric_and_then_the_loss_and_then_the_number(suite, run_of):
    runs = [
        run_of((10, 0.90, 0.5)),
        run_of((10, 0.95, 0.5)),
        run_of((10, 0.95, 0.4)),
        run_of((10, 0.95, 0.4)),
    ]
    assert order(runs, suite.workload("digits")) == [2, 3, 1, 0]


def test_runs_without_a_result_come_last_whatever_they_reached(suite, run_of):
    good = run_of((0, 0.1, 2), (10, 0.2, 1))
    bad = [
        run_of((0, 0.1, 2), (10, 0.99, 0.1), (20, NAN, NAN), outcome=word)
        for word in ("diverged", "error", "timeout", "crashed")
    ]
    early = run_of((0, 0.1, 2), (10, 0.5, 1), outcome="stopped")
    empty = Run("error", message="raised before its first step")
    assert order([*bad, empty, good, early], suite.workload("digits")) == [6, 5, 0, 1, 2, 3, 4]


def test_the_kept_measurement_is_the_result(suite, run_of):
    kept = run_of((10, 0.5, 0.2), (20, 0.4, 0.9), kept=0)
    other = run_of((10, 0.1, 0.9), (20, 0.45, 0.1))
    assert order([other, kept], suite.workload("digits")) == [1, 0]


def test_nan_is_no_result_to_select(suite, run_of):
    assert order([run_of((10, NAN, NAN)), run_of((10, 0.1, 9.0))], suite.workload("digits")) == [1, 0]


def test_a_function_has_only_its_own_value(suite):
    def run(value):
        return Run("done", (Measurement(5, NAN, 5, 0, 1, value, NAN, NAN, NAN, 0),))

    assert order([run(0.3), run(0.1), run(0.2)], suite.workload("bowl")) == [1, 2, 0]


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("validation_accuracy", 0.9, 10),
        ("validation_accuracy", 0.5, 5),
        ("train_accuracy", 0.925, 15),
        ("validation_loss", 1.0, 10 * math.log(2) / math.log(4)),  # a loss falls by factors
        ("train_loss", math.sqrt(0.05), 15),
        ("validation_loss", 5.0, 1),  # met before the first step
        ("validation_loss", 0.01, 31),  # a miss: a step beyond the budget
    ],
)
def test_steps_to_a_target(suite, run_of, metric, value, expected):
    target = suite.workload("digits").target.model_copy(update={"metric": metric, "value": value})
    run = run_of((0, 0.1, 2.0), (10, 0.9, 0.5), (20, 0.95, 0.1), (30, 0.5, 3.0))
    assert math.exp(log_time(run.measurements, target)) == pytest.approx(expected)


def test_the_mean_of_logarithms_over_all_targets(suite, run_of):
    target = suite.workload("digits").target.model_copy(update={"value": 0.99, "ladder": (0.5, 0.9, 0.99)})
    run = run_of((0, 0.1, 2.0), (10, 0.9, 0.5), (20, 0.95, 0.1))
    assert log_time(run.measurements, target) == pytest.approx(math.log(10 * 5 * 21) / 3)


def test_an_easier_target_that_is_met_sooner_decides_where_the_hardest_is_missed_by_all(suite, run_of):
    digits = suite.workload("digits")
    ladder = digits.model_copy(update={"target": digits.target.model_copy(update={"ladder": (0.5, 0.9)})})
    runs = [run_of((0, 0.1, 2), (10, 0.4, 1), (20, 0.8, 1)), run_of((0, 0.1, 2), (10, 0.6, 1), (20, 0.7, 1))]
    assert order(runs, digits) == [0, 1]  # who came nearer
    assert order(runs, ladder) == [1, 0]


def test_misses_are_ordered_by_how_near_they_came_and_then_by_the_loss(suite, run_of):
    runs = [
        run_of((0, 0.1, 2), (10, 0.5, 0.1)),
        run_of((0, 0.1, 2), (10, 0.3, 0.9), (20, 0.8, 0.9)),
        run_of((0, 0.1, 2), (10, 0.5, 0.2)),
        run_of((0, 0.1, 2), (10, NAN, 0.2)),
    ]
    table = dict(enumerate(runs))
    assert sorted(table, key=lambda n: rank(table[n], suite.workload("digits"))[2:]) == [1, 0, 2, 3]


def test_over_seeds_a_failure_weighs_most_and_the_rest_is_averaged(suite, run_of):
    digits = suite.workload("digits")
    fast, slow = (run_of((0, 0.0, 1), (n, 0.9, 1)) for n in (10, 40))
    bad = run_of((10, 0.99, 0.1), outcome="diverged")
    mixed = over_seeds([rank(run, digits) for run in (fast, slow)])
    assert mixed[:2] == (0, pytest.approx(math.log(20)))
    steady = over_seeds([rank(slow, digits)] * 3)
    shaky = over_seeds([rank(run, digits) for run in (fast, fast, bad)])
    assert shaky[:2] == (pytest.approx(1 / 3), pytest.approx(math.log(10)))
    assert mixed < steady < shaky < over_seeds([rank(bad, digits)] * 3) == (1, INF, INF, INF)


def test_test_data_decide_nothing(suite, run_of):
    from dataclasses import replace

    same = run_of((10, 0.5, 0.5))
    runs = [replace(same, test_loss=9.0, test_metric=0.0), replace(same, test_loss=0.0, test_metric=1.0)]
    assert order(runs, suite.workload("digits")) == [0, 1]
