"""Friedman and the critical difference, against scipy, scikit-posthocs and arithmetic."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from optbench.statistics import (
    average_ranks,
    cliques,
    critical_difference,
    friedman,
)

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
def test_the_critical_difference_is_nemenyis_in_scikit_posthocs():
    import scikit_posthocs

    data = random_table(5, 12, 5)
    p = scikit_posthocs.posthoc_nemenyi_friedman(data.T)
    ranks, cd = average_ranks(data), critical_difference(5, 12)
    for a in data.index:
        for b in data.index:
            if a != b:
                assert (abs(ranks[a] - ranks[b]) > cd) == (p.loc[a, b] < 0.05)
