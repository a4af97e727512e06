"""Targets whose times are noisy: the metric, and how soon they are met."""

import math

import pytest

from optbench.statistics.cautions.targets import targets


def said(make, metric="train_loss", steps=(200.0,) * 6, every=5, rungs=(), workloads=("w",), **more):
    suite = make.suite(make.candidate("a"), workloads=workloads)
    for workload in suite["workloads"]:
        workload |= {"target": {"metric": metric, "value": 0.1}, "evaluate_every": every, **more}
    columns = {f"steps_to_target.{k + 1}": value for k, value in enumerate(rungs)}
    return list(targets(suite, make.trials(*(make.rows("a", w, steps=steps, **columns) for w in workloads))))


def test_a_smooth_metric_that_takes_its_time_is_fine(make):
    assert not said(make)
    assert not said(make, "validation_loss")


def test_steps_of_accuracy(make):
    (caution,) = said(make, "validation_accuracy")
    assert (caution.kind, caution.workload) == ("target", "w")
    assert "moves in steps" in caution.message
    assert "optbench targets" in caution.message
    (caution,) = said(make, "validation_accuracy", workloads=("v", "w"))
    assert caution.workload == ""


@pytest.mark.parametrize(
    ("steps", "every", "word"),
    [
        (29.0, 1, "within 30 steps"), (31.0, 1, ""), (99.0, 20, "within 5 evaluations"), (101.0, 20, ""),
        (49.0, None, "within 5 evaluations"),  # each epoch: 10 steps
        (51.0, None, ""),
    ],
)  # fmt: skip
def test_what_is_met_too_soon(make, steps, every, word):
    messages = [c.message for c in said(make, steps=[steps] * 6, every=every)]
    assert bool(messages) == bool(word)
    assert all(word in message for message in messages)


def test_evaluations_that_do_not_read_the_validation_split_are_none_of_its_metric(make):
    (caution,) = said(make, "validation_loss", steps=[99.0] * 6, validate_every=4)
    assert "within 5 evaluations" in caution.message
    assert not said(make, "validation_loss", steps=[101.0] * 6, validate_every=4)
    assert not said(make, "train_loss", steps=[99.0] * 6, validate_every=4)


def test_the_hardest_of_a_ladder_counts(make):
    assert not said(make, steps=[25.0] * 6, every=1, rungs=(10.0, 100.0))
    assert said(make, steps=[25.0] * 6, every=1, rungs=(10.0, 28.0))


def test_what_most_miss_is_not_met_too_soon(make):
    assert not said(make, steps=[10.0, 10.0, math.inf, math.inf], every=1)
