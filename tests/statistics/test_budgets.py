"""Rank against the tuning budget: brute force over all subsets, and where two change places."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench import OptbenchError
from optbench.statistics import budget_changes, budget_ranks

INF = float("inf")


def searches(times, workload="w", target="train_loss", **more):
    """Tuning trials from times[candidate]."""
    rows = [
        {
            "workload": workload, "candidate": name, "phase": "tune", "study": 0, "seed": 10_000, "outcome": "done",
            "steps": 100.0, "steps_to_target": steps, "target_metric": target, "metric": "accuracy",
            "variant_of": None, "final_train_loss": 0.1, "final_validation_metric": 1 / steps,
            "final_test_metric": 0.5, **more,
        }
        for name, of in times.items() for steps in of
    ]  # fmt: skip
    return pd.DataFrame(rows)


def expected(values, k):
    """The mean over all subsets of k trials of their shortest log time."""
    return -np.mean([np.log(np.minimum(part, 101)).min() for part in combinations(values, k)])


STEADY = {"steady": [20.0, 22, 24, 26], "lucky": [5.0, INF, INF, 90]}


def test_the_expected_best_of_k_by_brute_force_and_the_budget_from_which_another_leads():
    ranks = budget_ranks(searches(STEADY))
    for name, times in STEADY.items():
        of = ranks[ranks["candidate"] == name]
        assert of["k"].tolist() == [1, 2, 3, 4]
        np.testing.assert_allclose(of["expected"], [expected(times, k) for k in of["k"]])
    first = next(k for k in range(1, 5) if expected(STEADY["lucky"], k) > expected(STEADY["steady"], k))
    assert first > 1
    assert budget_changes(ranks).to_dict("records") == [{"k": first, "ahead": "lucky", "behind": "steady"}]
    leaders = ranks[ranks["rank"] == 1].set_index("k")["candidate"]
    assert leaders.to_dict() == {k: "steady" if k < first else "lucky" for k in range(1, 5)}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.integers(1, 99) | st.just(INF), min_size=2, max_size=4), min_size=2, max_size=3))
def test_changes_are_the_changes_of_order(times):
    ranks = budget_ranks(searches({f"c{i}": list(map(float, of)) for i, of in enumerate(times)}))
    wide = ranks.pivot(index="k", columns="candidate", values="expected")
    for row in budget_changes(ranks).itertuples():
        ahead = wide[row.ahead] - wide[row.behind]
        assert ahead[row.k] > 0
        earlier = ahead[: row.k - 1]
        assert earlier[earlier != 0].iloc[-1] < 0
    pairs = {frozenset(p) for p in budget_changes(ranks)[["ahead", "behind"]].itertuples(index=False)}
    for a, b in combinations(wide.columns, 2):
        signs = set(np.sign(wide[a] - wide[b])) - {0}
        assert (len(signs) == 2) == (frozenset((a, b)) in pairs)


def test_confirmations_failures_variants_and_untuned_candidates():
    plain = searches(STEADY)
    again = searches({"lucky": [1.0]}, seed=100_000)
    final = searches({"untuned": [1.0]}, phase="final")
    variant = searches({"steady": [1.0]}, workload="v", variant_of="w")
    with_more = pd.concat([plain, again, final, variant])
    pd.testing.assert_frame_equal(budget_ranks(with_more), budget_ranks(plain))
    failed = plain.assign(outcome=np.where(plain["steps_to_target"] == 5, "diverged", "done"))
    assert not len(budget_changes(budget_ranks(failed)))


def test_by_final_results_on_validation_data_and_the_mean_over_workloads():
    both = pd.concat([searches(STEADY), searches({"steady": [50.0], "lucky": [60.0]}, "v", None)])
    ranks = budget_ranks(both, "final")
    assert ranks["k"].unique().tolist() == [1]
    best = ranks.set_index("candidate")["expected"]
    assert best["steady"] == pytest.approx((np.mean([1 / t for t in STEADY["steady"]]) + 1 / 50) / 2)
    assert budget_ranks(both)["k"].max() == 4  # the workload without a target says nothing of time
    with pytest.raises(OptbenchError, match="by must be 'steps' or"):
        budget_ranks(both, "hours")


def test_nothing_to_rank():
    for table in (searches(STEADY).head(0), searches({"steady": [1.0, 2.0]}), searches(STEADY, target=None)):
        ranks = budget_ranks(table)
        assert not len(ranks)
        assert not len(budget_changes(ranks))
