"""Wilcoxon-Holm against scipy, scikit-posthocs and arithmetic."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optbench.statistics import power_statement, wilcoxon_holm, workloads_needed
from optbench.statistics.wilcoxon import signed_rank

INF, NAN = math.inf, math.nan


def table(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=list("abcdefghij"[: len(values)]), columns=[f"w{i}" for i in range(values.shape[1])]
    )


def random_table(candidates, workloads, seed=0, whole=False):
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 6, (candidates, workloads)) if whole else rng.lognormal(3, 1, (candidates, workloads))
    return table(values)


@settings(deadline=None, max_examples=40)
@given(arrays(float, st.integers(2, 7), elements=st.integers(-4, 4).map(float)))
def test_signed_rank_is_scipys_exact_permutation_test(differences):
    if not differences.any():
        assert signed_rank(differences) == 1
        return
    method = scipy.stats.PermutationMethod(n_resamples=100_000)
    expected = scipy.stats.wilcoxon(differences, zero_method="pratt", method=method).pvalue
    assert signed_rank(differences) == pytest.approx(min(expected, 1))


def test_signed_rank_of_many_and_of_infinite_differences():
    differences = np.random.default_rng(0).normal(0.2, 1, 40)
    assert signed_rank(differences) == pytest.approx(scipy.stats.wilcoxon(differences, method="exact").pvalue)
    assert signed_rank(np.array([INF] * 6)) == 2 / 2**6
    assert signed_rank(np.array([INF, INF, -1, -2, -3, -4])) == signed_rank(np.array([7, 7, -1, -2, -3, -4.0]))
    assert signed_rank(np.array([])) == 1


def test_all_pairs():
    times = np.outer([1.0, 2.0, 2.1], np.linspace(10, 100, 9))
    times[2, :4] *= 0.9  # on some workloads better than b
    pairs = wilcoxon_holm(table(times)).set_index(["first", "second"])
    assert pairs.loc[("a", "b"), ["effect", "wins", "losses", "ties"]].tolist() == pytest.approx([0.5, 9, 0, 0])
    assert pairs["p"].max() <= 1
    assert pairs.loc[("a", "b"), "p"] == 2 / 2**9
    assert pairs.loc[("a", "b"), "p_holm"] == pytest.approx(3 * 2 / 2**9)
    assert pairs["verdict"].to_dict() == {
        ("a", "b"): "better", ("a", "c"): "better", ("b", "c"): "undecided"
    }  # fmt: skip
    scores = wilcoxon_holm(table(-np.log(times)), higher=True).set_index(["first", "second"])
    np.testing.assert_allclose(scores["p"], pairs["p"])
    assert scores["verdict"].to_dict() == pairs["verdict"].to_dict()
    assert scores.loc[("a", "b"), "effect"] == pytest.approx(math.log(2))


def test_pairs_with_one_candidate_and_misses():
    data = table([[10.0] * 8, [INF] * 8, [12.0] * 7 + [INF], [NAN] * 8])
    pairs = wilcoxon_holm(data, baseline="c").set_index("first")
    assert set(pairs["second"]) == {"c"}
    assert pairs.loc["a", ["effect", "wins", "verdict"]].tolist() == pytest.approx([10 / 12, 8, "better"])
    assert pairs.loc["b", ["effect", "wins", "losses", "ties", "verdict"]].tolist() == [INF, 0, 7, 1, "worse"]
    assert pairs.loc["d", "effect"] == INF
    never = wilcoxon_holm(table([[INF] * 5, [INF] * 5]))
    assert never[["effect", "ties", "p"]].iloc[0].tolist() == [1, 5, 1]


def test_how_many_workloads_it_takes():
    assert workloads_needed(45) == 11
    assert workloads_needed(1) == 6
    for candidates in (2, 3, 5):
        pairs = candidates * (candidates - 1) // 2
        needed = workloads_needed(pairs)
        clear = np.outer(2.0 ** np.arange(candidates), np.linspace(1, 2, needed))
        assert (wilcoxon_holm(table(clear))["verdict"] == "better").any()
        assert (wilcoxon_holm(table(clear[:, 1:]))["verdict"] == "undecided").all()
    assert "at least 11 workloads, here are 8" in power_statement(10, 8)
    assert "must differ by 4.08" in power_statement(10, 11)
    assert "nobody" in power_statement(1, 3)


@pytest.mark.oracle
def test_all_pairs_are_scikit_posthocs():
    import scikit_posthocs

    data = random_table(5, 12, 4)
    logs = np.log(data).T.melt(var_name="candidate", value_name="time")  # workloads in order within a candidate
    expected = scikit_posthocs.posthoc_wilcoxon(
        logs, val_col="time", group_col="candidate", method="exact", p_adjust="holm"
    )
    found = wilcoxon_holm(data)
    for first, second, p in found[["first", "second", "p_holm"]].itertuples(index=False):
        assert p == pytest.approx(expected.loc[first, second])
