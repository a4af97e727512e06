"""From runs to targets: arithmetic on tables, and laws of the rounding."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.results.targets.procedure import compute, prepared, provenance, readable
from optbench.suite import parse

SUITE = """
title = "T"
[[candidates]]
name = "sgd"
[[workloads]]
name = "w"
dataset = "two-moons"
network = "linear"
epochs = 2
"""


def suite(target=""):
    return parse(SUITE + target, "t.toml", registry())


def tables(rates, field="train_loss", outcome="done", candidate="a", steps=100):
    """Final runs whose loss falls from 2 by these rates a step (whose accuracy rises to 1 by them)."""
    at = np.arange(0, steps + 1, 5)
    runs, curves = [], []
    for seed, rate in enumerate(rates):
        about = {"workload": "w", "candidate": candidate, "phase": "final", "seed": seed, "key": f"{candidate}{seed}"}
        values = 2 * np.exp(-rate * at) if field.endswith("loss") else 1 - np.exp(-rate * at)
        runs.append({**about, "outcome": outcome, f"final_{field}": values[-1], "variant_of": None})
        curves.append(pd.DataFrame({**about, "step": at, field: values, "variant_of": None}))
    return pd.DataFrame(runs), pd.concat(curves, ignore_index=True)


def loss():
    return suite('target = { metric = "train_loss", value = 1.0 }').workload("w")


def test_the_hardest_is_what_nine_of_ten_reach_and_the_others_lie_on_the_median_s_way():
    rates = np.linspace(0.02, 0.038, 10)
    found = compute(loss(), *tables(rates))
    assert (found.runs, found.seeds, found.metric) == (10, 10, "train_loss")
    hardest = 2 * math.exp(-rates[1] * 100)  # the second slowest is what nine of ten beat
    assert found.ladder[-1] == readable(hardest, "train_loss")
    assert found.reached == 0.9
    middle = float(np.median(rates))
    times = -np.log(np.array(found.ladder) / 2) / middle
    reach = math.log(2 / hardest) / middle
    assert len(times) == 8
    np.testing.assert_allclose(times, reach * np.geomspace(0.3, 1, 8), rtol=0.02)
    assert found.median == pytest.approx(2 * math.exp(-middle * 100), rel=0.05)


def test_a_single_lucky_run_changes_little():
    usual, lucky = ([0.02] * 9 + [0.021], [0.02] * 9 + [0.2])
    assert compute(loss(), *tables(usual)).ladder == pytest.approx(compute(loss(), *tables(lucky)).ladder, rel=0.02)


def test_too_many_failures_leave_no_target():
    runs, curves = tables([0.02] * 10)
    runs.loc[0, "outcome"] = "diverged"
    assert compute(loss(), runs, curves).reached == 0.9
    runs.loc[1, "outcome"] = "diverged"
    with pytest.raises(OptbenchError, match=r"w: fewer than 90 % of the reference runs have a result"):
        compute(loss(), runs, curves)


def test_an_accuracy_rises():
    accuracy = suite('target = { metric = "validation_accuracy", value = 0.5 }').workload("w")
    found = compute(accuracy, *tables([0.02] * 10, "validation_metric"))
    assert list(found.ladder) == sorted(found.ladder)
    assert found.ladder[-1] == readable(1 - math.exp(-2), "validation_accuracy")


def test_all_candidates_make_one_pool_and_keep_the_suite_s_order():
    first, second = tables([0.02] * 3, candidate="b"), tables([0.03] * 5, candidate="a")
    runs, curves = (pd.concat(parts, ignore_index=True) for parts in zip(first, second, strict=True))
    found = compute(loss(), runs, curves, ["a", "b", "c"])
    assert found.candidates == ("a", "b")
    origin = provenance(found, 8, "2026-01-02", "1.2")
    assert (origin["candidates"], origin["trials"], origin["runs"]) == (["a", "b"], 8, 8)
    assert origin["quantity"] == "final train_loss"


def test_prepared_tunes_by_final_values_and_finds_a_metric():
    plain = prepared(suite(), registry())
    assert plain.tuning.select == "final"
    assert plain.workload("w").target.metric == "train_loss"
    kept = suite('target = { metric = "validation_loss", value = 0.1 }')
    assert prepared(kept, registry()).workload("w").target.metric == "validation_loss"
    assert prepared(kept, registry(), "train_accuracy").workload("w").target.metric == "train_accuracy"
    steppy = suite('target = { metric = "validation_accuracy", value = 0.9 }')
    assert prepared(steppy, registry()).workload("w").target.metric == "train_loss"
    with pytest.raises(OptbenchError, match=r"--metric train_los: w has none of this name; did you mean 'train_loss'"):
        prepared(kept, registry(), "train_los")


@pytest.mark.parametrize(
    ("value", "metric", "expected"),
    [
        (0.95831, "validation_accuracy", 0.958),
        (0.95, "validation_accuracy", 0.95),
        (-0.0131, "validation_r2", -0.0131),
        (-0.01311, "validation_r2", -0.0132),
        (1.0, "validation_accuracy", 1.0),
        (0.0, "validation_r2", 0.0),
        (0.10341, "validation_loss", 0.104),
        (3.14159e-7, "train_loss", 3.15e-7),
        (1234.5, "validation_loss", 1240.0),
        (0.0, "train_loss", 1e-12),
    ],
)
def test_readable(value, metric, expected):
    assert readable(value, metric) == pytest.approx(expected, rel=1e-9)


METRICS = st.sampled_from(["validation_accuracy", "validation_r2", "train_loss"])


@given(st.floats(1e-9, 1.0), METRICS)
def test_rounding_never_makes_it_harder_and_settles(value, metric):
    rounded = readable(value, metric)
    sign = -1 if metric.endswith("loss") else 1
    assert sign * rounded <= sign * value + 1e-9 * abs(value)
    assert readable(rounded, metric) == rounded
    assert math.isclose(rounded, value, rel_tol=0.011)
