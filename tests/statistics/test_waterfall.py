"""Waterfalls: steps that add up, orders that are averaged, and what misses do to shares."""

import math

import numpy as np
import pytest
from scipy import stats

from optbench.statistics.waterfall import ALL, BOUNDS, ENDS, REST, UNTOLD, WHOLE, Chain, losses, waterfall

STATES = ("a", "a+x", "a+y", "b")
FORWARD = Chain("forward", ("x", "y"), ("a", "a+x", "b"))
REVERSE = Chain("reverse", ("y", "x"), ("a", "a+y", "b"))
BOTH = [FORWARD, REVERSE]


def rows_of(table, metric="steps", workload=ALL):
    rows = table[(table["metric"] == metric) & (table["workload"] == workload)]
    return {row["step"]: row for row in rows.to_dict("records")}


def logs(trials, workload, name):
    rows = trials[(trials["workload"] == workload) & (trials["candidate"] == name)]
    return np.log(rows.sort_values("seed")["steps_to_target"].to_numpy())


def test_steps_add_up_to_the_whole_and_are_means_of_both_orders(noisy):
    trials = noisy(dict(zip(STATES, (1.0, 0.8, 1.1, 0.6), strict=True)), workloads=3)
    rows = rows_of(waterfall(trials, BOTH))
    assert list(rows) == ["x", "y", WHOLE]
    assert rows["x"]["effect"] * rows["y"]["effect"] == pytest.approx(rows[WHOLE]["effect"], rel=1e-12)
    assert rows["x"]["share"] + rows["y"]["share"] == pytest.approx(1)
    for order in ("forward", "reverse"):
        product = rows["x"][f"effect.{order}"] * rows["y"][f"effect.{order}"]
        assert product == pytest.approx(rows[WHOLE]["effect"], rel=1e-12)
    # of two steps the mean of both orders is Shapley's value
    a, x, y, b = (np.mean([logs(trials, f"w{w}", name).mean() for w in range(3)]) for name in STATES)
    assert math.log(rows["x"]["effect"]) == pytest.approx(((x - a) + (b - y)) / 2)
    assert math.log(rows["y"]["effect"]) == pytest.approx(((y - a) + (b - x)) / 2)
    assert rows["x"]["effect.forward"] == pytest.approx(math.exp(x - a))
    assert rows["x"]["effect.reverse"] == pytest.approx(math.exp(b - y))


def test_the_interval_is_students_of_the_seeds_mean_effect(noisy):
    trials = noisy(dict(zip(STATES, (1.0, 0.8, 1.1, 0.6), strict=True)), workloads=1)
    rows = rows_of(waterfall(trials, BOTH), workload="w0")
    a, x, y, b = (logs(trials, "w0", name) for name in STATES)
    found = stats.ttest_1samp(((x - a) + (b - y)) / 2, 0).confidence_interval()
    assert (rows["x"]["low"], rows["x"]["high"]) == pytest.approx((math.exp(found.low), math.exp(found.high)))
    whole = stats.ttest_1samp(b - a, 0).confidence_interval()
    assert (rows[WHOLE]["low"], rows[WHOLE]["high"]) == pytest.approx((math.exp(whole.low), math.exp(whole.high)))
    assert rows["x"]["pairs"] == 10


def test_results_are_differences_and_have_rows_of_their_own(noisy):
    trials = noisy(dict.fromkeys(STATES, 1.0), workloads=2)
    better = trials["candidate"].map({"a": 0.0, "a+x": 0.03, "a+y": 0.0, "b": 0.03})
    trials["final_test_metric"] = 0.5 + better + 0.001 * trials["seed"]
    rows = rows_of(waterfall(trials, BOTH), "final")
    assert rows["x"]["effect"] == pytest.approx(0.03)
    assert rows["x"]["share"] == pytest.approx(1)
    assert rows["y"]["effect"] == pytest.approx(0)
    assert rows["x"]["unit"] == "difference"


def test_of_a_whole_that_may_be_nothing_there_are_no_shares(noisy):
    rows = rows_of(waterfall(noisy(dict.fromkeys(STATES, 1.0), seeds=4), BOTH))
    assert rows["x"]["reason"] == rows[WHOLE]["reason"] == UNTOLD
    assert np.isnan([rows["x"]["share"], rows[WHOLE]["share"]]).all()


def test_a_state_that_misses_most_targets_parts_nothing(grid):
    inf = math.inf
    trials = grid({"a": [100, 100], "a+x": [inf, 80], "a+y": [80, 80], "b": [50, 64]})
    table = waterfall(trials, BOTH)
    one = rows_of(table, workload="w0")
    assert one["x"]["reason"] == BOUNDS
    assert np.isnan(one["x"]["share"])
    assert np.isnan(one["x"]["share.forward"])
    # the other order does not come by it
    assert one["y"]["share.reverse"] == pytest.approx(math.log(0.8) / math.log(0.5))
    assert one[WHOLE]["reason"] == ""
    # all workloads are those whose states can be told apart
    whole = rows_of(table)
    assert whole["x"]["workloads"] == 1
    assert whole["x"]["effect"] == pytest.approx(0.8)
    # a miss is a step beyond the budget: no less than that
    assert one["x"]["effect.forward"] == pytest.approx((trials["steps"].iloc[0] + 1) / 100)


def test_of_a_ladder_each_target_counts(grid):
    trials = grid({"a": [100], "a+x": [90], "a+y": [80], "b": [50]})
    trials["epochs"] = trials["steps"] / 10
    for rung, scale in enumerate((0.2, 0.5, 1.0)):
        trials[f"steps_to_target.{rung + 1}"] = scale * trials["steps_to_target"]
    assert rows_of(waterfall(trials, BOTH), workload="w0")["x"]["reason"] == ""
    hardest = (trials["candidate"] == "a+x") & (trials["seed"] < 3)
    trials.loc[hardest, ["steps_to_target", "steps_to_target.3"]] = math.inf
    rows = rows_of(waterfall(trials, BOTH), workload="w0")
    assert rows["x"]["reason"] == BOUNDS
    assert np.isfinite(rows["x"]["share.reverse"])


def test_where_an_end_misses_it_is_said(grid):
    rows = rows_of(waterfall(grid({"a": [100], "a+x": [80], "a+y": [80], "b": [math.inf]}), BOTH), workload="w0")
    assert rows[WHOLE]["reason"] == ENDS


def test_what_ties_leave_to_no_step_is_a_row(noisy):
    trials = noisy(dict(zip(STATES, (1.0, 0.9, 0.8, 0.5), strict=True)), workloads=1)
    # a's budget ended before the time of a+x, whose step then has no sign, but not before that of b
    a = trials["candidate"] == "a"
    trials["steps"] = np.where(a, 60.0, 500.0)
    trials.loc[a & (trials["seed"] < 3), "steps_to_target"] = math.inf
    rows = rows_of(waterfall(trials, BOTH), workload="w0")
    assert REST in rows
    product = math.prod(rows[step]["effect"] for step in ("x", "y", REST))
    assert product == pytest.approx(rows[WHOLE]["effect"], rel=1e-12)


def test_studies_are_the_pairs_where_there_are_several(noisy):
    trials = noisy(dict(zip(STATES, (1.0, 0.8, 1.1, 0.6), strict=True)), workloads=1, seeds=6)
    trials["study"] = trials["seed"] // 2
    rows = rows_of(waterfall(trials, BOTH), workload="w0")
    assert rows["x"]["pairs"] == 3
    assert rows["x"]["effect"] * rows["y"]["effect"] == pytest.approx(rows[WHOLE]["effect"], rel=1e-12)


def test_losses_name_the_states_that_missed_or_failed(trials):
    inf = math.inf
    rows = [("w", "a", 0, 50.0, 0.9), ("w", "a", 1, inf, 0.9), ("w", "b", 0, inf, math.nan), ("w", "c", 0, 9.0, 0.9)]
    found = losses(trials(rows)).set_index("candidate")
    assert list(found.index) == ["a", "b"]
    assert found.loc["a", ["runs", "missed", "failed", "outcomes"]].tolist() == [2, 1, 0, ""]
    assert found.loc["b", ["runs", "missed", "failed", "outcomes"]].tolist() == [1, 1, 1, "1 diverged"]
