"""Tests on paired seeds against scipy, and what they must not decide."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from optbench.statistics import sign_flip, workload_tests


def test_against_a_baseline_it_is_scipys_paired_t_test_of_logarithms(noisy):
    table = noisy({"base": 1.0, "quick": 0.7, "same": 1.0})
    found = workload_tests(table, "base").set_index(["candidate", "workload"])
    times = table.pivot_table(index=["workload", "seed"], columns="candidate", values="steps_to_target")
    for workload, logs in np.log(times).groupby("workload"):
        expected = scipy.stats.ttest_rel(logs["quick"], logs["base"])
        row = found.loc[("quick", workload)]
        ends = [row["effect"], row["low"], row["high"]]
        difference = (logs["quick"] - logs["base"]).to_numpy()
        assert ends == pytest.approx(np.exp([difference.mean(), *expected.confidence_interval(0.95)]))
        assert row["p"] == pytest.approx(max(expected.pvalue, sign_flip([difference])))
    assert set(found.loc["quick", "verdict"]) == {"faster"}
    assert set(found.loc["same", "verdict"]) == {"undecided"}
    assert set(found["against"]) == {"base"}
    assert set(found["unit"]) == {"ratio"}
    # Holm over the workloads of a pair: the largest p stays, the smallest is multiplied by 4
    p = found.loc["quick"].sort_values("p")
    assert p["p_holm"].iloc[0] == pytest.approx(4 * p["p"].iloc[0])
    assert (p["p_holm"] >= p["p"]).all()


def test_slower_is_faster_the_other_way_round(noisy):
    table = noisy({"slow": 1.5, "base": 1.0})
    one, other = workload_tests(table, "base"), workload_tests(table, "slow")
    assert set(one["verdict"]) == {"slower"}
    assert set(other["verdict"]) == {"faster"}
    np.testing.assert_allclose(one["effect"], 1 / other["effect"])
    np.testing.assert_allclose(one["low"], 1 / other["high"])


def test_against_the_leader_of_each_workload(noisy):
    table = noisy({"a": 1.0, "b": 1.6, "c": 2.0}, workloads=2)
    found = workload_tests(table)
    assert found[["workload", "candidate", "against"]].to_numpy().tolist() == [
        ["w0", "b", "a"], ["w0", "c", "a"], ["w1", "b", "a"], ["w1", "c", "a"]
    ]  # fmt: skip
    assert (found["effect"] > 1.2).all()
    assert set(found["verdict"]) == {"slower"}
    assert (found["p_holm"] > found["p"]).any()  # corrected for 3 pairs, not only these 2


def test_final_results_are_differences(noisy):
    table = noisy({"a": 1.0, "b": 1.0})
    table.loc[table["candidate"] == "b", "final_test_metric"] += 0.05
    found = workload_tests(table, "a", by="final")
    assert set(found["unit"]) == {"difference"}
    assert found["effect"].to_numpy() == pytest.approx([0.05] * 4, abs=0.02)
    assert set(found["verdict"]) == {"better"}
    assert set(workload_tests(table, by="final")["against"]) == {"b"}


def test_five_seeds_decide_nothing_and_say_so(noisy):
    found = workload_tests(noisy({"a": 1.0, "b": 5.0}, seeds=5), "a")
    assert set(found["verdict"]) == {"undecided"}
    assert found["reason"].str.contains("5 pairs are too few to decide anything; it takes 6").all()
    one = workload_tests(noisy({"a": 1.0, "b": 5.0}, seeds=1), "a")
    assert one["p_holm"].isna().all()
    assert one["reason"].str.contains("single pair").all()


def test_an_outlier_leaves_it_open(trials):
    # seven of eight pairs are alike, and one is far on the other side
    ratios = np.array([0.9, 0.8, 0.85, 0.9, 0.88, 1.3, 0.8, 0.7])
    rows = [("w", name, s, t, 0.9) for s, r in enumerate(ratios) for name, t in (("a", 100 * r), ("b", 100.0))]
    row = workload_tests(trials(rows), "b").iloc[0]
    assert row["p"] == pytest.approx(scipy.stats.ttest_1samp(np.log(ratios), 0).pvalue)
    assert row["verdict"] == "undecided"
    assert row["reason"] == "either may lead, or neither"


def test_nobody_to_compare_with(noisy, trials):
    assert len(workload_tests(noisy({"a": 1.0}))) == 0
    assert len(workload_tests(noisy({"a": 1.0}), "missing")) == 0
    nothing = trials([("w", "a", 0, math.nan, 0.9)]).iloc[:0]
    assert isinstance(workload_tests(nothing), pd.DataFrame)


def test_equal_within_the_margin_is_a_word_of_its_own(noisy):
    table = noisy({"a": 1.0, "b": 1.0, "c": 1.3}, seeds=60, spread=0.05)
    found = workload_tests(table, "a").set_index("candidate")
    assert set(found.loc["b", "verdict"]) == {"equal"}
    assert set(found.loc["c", "verdict"]) == {"slower"}
    assert (found.loc["b", "p_equal"] <= 0.05).all()
    narrow = workload_tests(table, "a", margins={"time": 0.001, "result": 0.005}).set_index("candidate")
    assert set(narrow.loc["b", "verdict"]) == {"undecided"}
