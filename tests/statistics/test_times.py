"""Times to several targets: the main one is that of the trials' table."""

import numpy as np
import pytest

from optbench.referee.synthetic import synthetic_store
from optbench.results.results import Results
from optbench.statistics.times import target_times


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("times")
    synthetic_store(folder, ["sgd", "adam"], 2, seeds=4, trials=3, seed=2)
    return Results(folder)


def with_further(results, *values):
    suite = results.suite
    workloads = [{**w, "target": {**w["target"], "further": list(values)}} for w in suite["workloads"]]
    return target_times({**suite, "workloads": workloads}, results.trials, results.curves)


def test_the_first_is_the_target(results):
    table = results.target_times()
    final = results.trials[results.trials["phase"] == "final"]
    assert len(table) == len(final)
    assert table["main"].all()
    both = table.merge(final, on=["workload", "candidate", "study", "seed"], suffixes=("", "_there"))
    assert len(both) == len(final)
    for column in ("steps", "gradients", "epochs", "seconds"):
        ours, other = both[f"{column}_to_target"], both[f"{column}_to_target_there"]
        assert np.array_equal(ours, other), column


def test_further_ones_are_rows_of_their_own_and_harder_ones_take_longer(results):
    table = with_further(results, 0.5, 0.99, 2.0)
    assert table.groupby(["workload", "candidate", "seed"]).size().unique().tolist() == [4]
    assert table.groupby("target_value")["main"].all().to_dict() == {0.5: False, 0.9: True, 0.99: False, 2.0: False}
    times = table.pivot(index=["workload", "candidate", "seed"], columns="target_value", values="steps_to_target")
    assert (times[0.5] <= times[0.9]).all()
    assert (times[0.9] <= times[0.99]).all()
    assert (times[0.5] < times[0.9]).any()
    assert np.isinf(times[2.0]).all()


def test_a_run_without_a_result_meets_none(results):
    trials = results.trials.assign(outcome="diverged")
    table = target_times(results.suite, trials, results.curves)
    assert np.isinf(table["steps_to_target"]).all()


def test_without_targets_there_are_no_rows(results):
    workloads = [{**w, "target": None} for w in results.suite["workloads"]]
    assert target_times({"workloads": workloads}, results.trials, results.curves).empty
