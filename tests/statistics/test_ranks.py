"""Friedman, Wilcoxon-Holm and the critical difference, against scipy, statsmodels, scikit-posthocs and arithmetic."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optbench.statistics import (
    average_ranks,
    cliques,
    critical_difference,
    friedman,
    power_statement,
    wilcoxon_holm,
    workloads_needed,
)
from optbench.statistics.ranks import holm, signed_rank

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


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_friedman_is_scipys(whole, seed):
    data = random_table(4, 9, seed, whole)
    expected = scipy.stats.friedmanchisquare(*data.to_numpy())
    found = friedman(data)
    assert (found.statistic, found.p) == pytest.approx(tuple(expected))


def test_iman_davenport_by_hand():
    # Demšar 2006, section 3.2.2: 4 classifiers on 14 data sets, average ranks 3.143, 2.000, 2.893, 1.964
    chi2, k, n = 9.28, 4, 14
    assert (n - 1) * chi2 / (n * (k - 1) - chi2) == pytest.approx(3.69, abs=0.01)
    data = random_table(4, 14, 3)
    found = friedman(data)
    f = 13 * found.statistic / (14 * 3 - found.statistic)
    assert found.f == pytest.approx(f)
    assert found.f_p == pytest.approx(scipy.stats.f.sf(f, 3, 39))
    # without ties it is the F of a two-way analysis of variance of the ranks
    ranks = scipy.stats.rankdata(data, axis=0)
    between = 14 * ((ranks.mean(axis=1) - 2.5) ** 2).sum() / 3
    rest = ((ranks - ranks.mean(axis=1, keepdims=True)) ** 2).sum() / 39
    assert found.f == pytest.approx(between / rest)


def test_ranks_of_misses_ties_and_higher():
    data = table([[10, INF, 5], [20, 7, 5], [NAN, INF, 6]])
    assert average_ranks(data).to_dict() == pytest.approx({"b": (2 + 1 + 1.5) / 3, "a": 5 / 3, "c": 8.5 / 3})
    assert list(average_ranks(-data, higher=True).index) == list(average_ranks(data).index)


def test_friedman_at_its_edges():
    same = friedman(table(np.ones((3, 5))))
    assert (same.p, same.f_p) == (1, 1)
    sure = friedman(table([[1] * 6, [2] * 6, [3] * 6]))
    assert (sure.statistic, sure.f, sure.f_p) == (12, INF, 0)
    assert friedman(table([[1], [2]])).f_p == 1
    with pytest.raises(ValueError, match="two candidates"):
        friedman(table([[1, 2]]))


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


def test_holm_by_hand():
    # Holm 1979: the smallest times 4, the next times 3, ...
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])
    assert len(holm(np.array([]))) == 0


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


def test_critical_difference_of_demsars_tables():
    # Demšar 2006, table 5: q at 0.05 for 2 ... 10 groups
    q = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164]
    for k, value in enumerate(q, 2):
        assert critical_difference(k, 6) == pytest.approx(value * math.sqrt(k * (k + 1) / 36), rel=1e-3)
    assert critical_difference(10, 8) == pytest.approx(4.8, abs=0.05)
    assert critical_difference(3, 0) == INF


def test_cliques():
    ranks = pd.Series({"a": 1.0, "b": 1.5, "c": 2.4, "d": 5.0, "e": 5.1})
    assert cliques(ranks, 1.0) == [["a", "b"], ["b", "c"], ["d", "e"]]
    assert cliques(ranks, 10) == [list("abcde")]
    assert cliques(ranks, 0.05) == []
    pairs = pd.DataFrame({"first": ["a", "a"], "second": ["c", "d"], "verdict": ["better", "undecided"]})
    assert cliques(ranks[list("abcd")], pairs) == [["a", "b"], ["b", "c", "d"]]
    assert cliques(ranks, lambda a, b: {a, b} == {"b", "d"}) == [["a", "b", "c"], ["c", "d", "e"]]


@given(st.lists(st.floats(1, 10), min_size=1, max_size=8), st.floats(0, 5))
def test_cliques_are_longest_and_hold_only_what_is_not_apart(values, apart):
    ranks = pd.Series({f"c{i}": v for i, v in enumerate(values)})
    groups = cliques(ranks, apart)
    for group in groups:
        assert max(ranks[group]) - min(ranks[group]) <= apart + 1e-9
        assert not any(set(group) < set(other) for other in groups)
    close = {(a, b) for a in ranks.index for b in ranks.index if a < b and abs(ranks[a] - ranks[b]) <= apart}
    assert all(any({a, b} <= set(group) for group in groups) for a, b in close)


@pytest.mark.oracle
def test_holm_is_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(0).uniform(0, 0.2, 15)
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])


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


@pytest.mark.oracle
def test_the_critical_difference_is_nemenyis_in_scikit_posthocs():
    import scikit_posthocs

    data = random_table(5, 12, 5)
    p = scikit_posthocs.posthoc_nemenyi_friedman(data.T)
    ranks, cd = average_ranks(data), critical_difference(5, 12)
    for a in data.index:
        for b in data.index:
            if a != b:
                assert (abs(ranks[a] - ranks[b]) > cd) == (p.loc[a, b] < 0.05)
