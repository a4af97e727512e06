"""Of a workload that is stored, all is (every candidate, all tuning trials and seeds), and it can be made again.

Workloads are stored one by one, as `.ci/reference` makes them; `.ci/reference --check` lists those that are not there.
"""

import pytest
from optbench_references import optbench_references

import optbench

SUITES = [folder.name for folder in optbench_references()]


def test_the_folders_are_suites():
    assert SUITES == ["standard"]


@pytest.mark.parametrize("suite", SUITES)
def test_every_workload_has_every_candidate(suite):
    stored = optbench.load(f"reference/{suite}")
    trials, candidates = stored.trials, {c["name"] for c in stored.suite["candidates"]}
    workloads = {w["name"] for w in stored.suite["workloads"]}
    assert len(candidates) >= 30
    searched = trials[trials["phase"] == "final"].groupby(["workload", "candidate"])["study"].nunique()
    assert set(searched.index) == {(w, c) for w in workloads for c in candidates}
    assert searched.nunique() == 1, "all are tuned alike"
    assert set(trials["outcome"]) <= {"done", "diverged", "stopped"}


@pytest.mark.parametrize("suite", SUITES)
def test_a_sample_is_the_same_again(suite):
    again = optbench.reproduce(f"reference/{suite}", trials=6)
    assert len(again.trials) == 6
    assert again.changed == (), again.verdict
    # other kernels of BLAS round otherwise, and a training carries that on
    assert again.same or len(again.environments), again.verdict
