"""From runs to targets: arithmetic on tables, and laws of the rounding."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.results.targets.procedure import compute, easier, prepared, provenance, reachable, readable
from optbench.suite import load, parse

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


def tables(finals, field="validation_metric", best=None, outcome="done", candidate="a"):
    """Final runs that end with these values, each a little better (`best`) on the way."""
    best = finals if best is None else best
    runs = pd.DataFrame(
        {
            "workload": "w", "candidate": candidate, "phase": "final", "seed": range(len(finals)),
            "key": [f"{candidate}{i}" for i in range(len(finals))], "outcome": outcome, f"final_{field}": finals,
        }
    )  # fmt: skip
    curves = pd.DataFrame(
        [(key, "final", "w", v) for key, b, f in zip(runs["key"], best, finals, strict=True) for v in (0.0, b, f)],
        columns=["key", "phase", "workload", field],
    )
    return runs, curves


def accuracy(value=0.5):
    return suite(f'target = {{ metric = "validation_accuracy", value = {value} }}').workload("w")


def test_the_median_rounded_to_what_most_reach():
    runs, curves = tables([0.91, 0.923, 0.9377, 0.95, 0.96])
    found = compute(accuracy(), runs, curves)
    assert (found.value, found.median, found.runs, found.seeds) == (0.93, 0.9377, 5, 5)
    assert found.reached == 0.6
    assert found.further == (0.92, 0.95)  # the quartiles, easier first


def test_a_single_lucky_run_changes_nothing():
    usual, lucky = ([0.80, 0.81, 0.82, 0.83, 0.84], [0.80, 0.81, 0.82, 0.83, 0.999])
    assert compute(accuracy(), *tables(usual)).value == compute(accuracy(), *tables(lucky)).value


def test_it_is_made_easier_until_most_reach_it():
    # half of the runs end below the median, and reach nothing better on the way
    found = compute(accuracy(), *tables([0.5, 0.5, 0.9, 0.9]))
    assert found.median == pytest.approx(0.7)
    assert found.value == 0.5
    # on the way counts: the last value is not the best
    assert compute(accuracy(), *tables([0.5, 0.5, 0.9, 0.9], best=[0.75, 0.6, 0.9, 0.9])).value == 0.7


def test_failures_are_the_worst_values():
    runs, curves = tables([0.7, 0.8, 0.9, np.nan, np.nan])
    runs.loc[3:, "outcome"] = "diverged"
    found = compute(accuracy(), runs, curves)
    assert (found.median, found.reached) == (0.7, 0.6)
    runs["outcome"] = ["done", "done", *["diverged"] * 3]
    with pytest.raises(OptbenchError, match=r"w: most runs of the baselines have no result"):
        compute(accuracy(), runs, curves)


def test_losses_are_better_below():
    workload = suite('target = { metric = "validation_loss", value = 1.0 }').workload("w")
    runs, curves = tables([0.1011, 0.1034, 0.121, 0.13, 0.09], "validation_loss")
    curves = curves[curves["validation_loss"] > 0]
    found = compute(workload, runs, curves)
    assert (found.median, found.value) == (0.1034, 0.11)
    assert found.further == (0.13, 0.1011) or found.further == (0.13,)
    assert found.reached == 0.6


def test_all_candidates_make_one_pool_and_keep_the_suite_s_order():
    first, second = tables([0.6] * 3, candidate="b"), tables([0.8] * 5, candidate="a")
    runs, curves = (pd.concat(parts, ignore_index=True) for parts in zip(first, second, strict=True))
    found = compute(accuracy(), runs, curves, ["a", "b", "c"])
    assert (found.median, found.candidates) == (0.8, ("a", "b"))
    origin = provenance(found, 8, "2026-01-02", "1.2")
    assert (origin["candidates"], origin["trials"], origin["runs"]) == (["a", "b"], 8, 8)
    assert origin["quantity"] == "final validation_accuracy"


def test_prepared_tunes_by_final_values_and_finds_a_metric():
    plain = prepared(suite(), registry())
    assert plain.tuning.select == "final"
    assert plain.workload("w").target.metric == "validation_accuracy"
    kept = prepared(suite('target = { metric = "train_loss", value = 0.1 }'), registry())
    assert kept.workload("w").target.metric == "train_loss"


@pytest.mark.parametrize(
    ("value", "metric", "expected"),
    [
        (0.9583, "validation_accuracy", 0.95),
        (0.95, "validation_accuracy", 0.95),
        (0.9967, "train_accuracy", 0.996),
        (0.57, "validation_r2", 0.57),
        (-0.013, "validation_r2", -0.02),
        (1.0, "validation_accuracy", 1.0),
        (0.1034, "validation_loss", 0.11),
        (0.11, "train_loss", 0.11),
        (3.14159e-7, "train_loss", 3.2e-7),
        (1234.5, "validation_loss", 1300.0),
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
    assert sign * easier(rounded, metric) < sign * rounded
    assert math.isclose(rounded, float(f"{rounded:.6g}"), rel_tol=1e-9)


@given(st.lists(st.floats(0.05, 1.0), min_size=1, max_size=12), METRICS)
def test_most_runs_reach_every_target(values, metric):
    finals = np.array(values)
    value = reachable(float(np.median(finals)), finals, metric)
    reached = finals <= value if metric.endswith("loss") else finals >= value
    assert reached.mean() > 0.5


def test_the_targets_of_the_quick_suite_say_where_they_come_from():
    quick = load("quick", registry())
    assert set(quick.provenance) == {w.name for w in quick.workloads}
    for workload in quick.workloads:
        origin = quick.provenance[workload.name]
        assert origin.candidates == tuple(c.name for c in quick.candidates)
        assert origin.runs == origin.seeds * len(quick.candidates) >= 70
        assert origin.quantity == f"final {workload.target.metric}"
        assert origin.reached > 0.5
        # the value follows from the median, unless it had to be made easier
        own = readable(origin.median, workload.target.metric)
        assert workload.target.value <= own if workload.target.higher else workload.target.value >= own
