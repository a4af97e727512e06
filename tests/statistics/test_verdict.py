"""The verdict on tables whose winner is known."""

import math

import numpy as np
import pandas as pd
import pytest

from optbench.statistics import leaderboard, paired_effect, verdict

INF = math.inf


def test_a_clear_winner(noisy):
    table = noisy({"base": 1.0, "quick": 0.6, "slow": 2.0})
    found = verdict(table, "base")
    assert (found.leader, found.winners, found.decided) == ("quick", ["quick"], True)
    assert (found.by, found.unit, found.workloads) == ("steps", "ratio", 4)
    assert found.versus["candidate"].tolist() == ["base", "slow"]
    assert set(found.versus["verdict"]) == {"better"}
    row = found.against_baseline
    assert row is not None
    assert row["low"] < 0.6 < row["high"] < 0.8
    assert 0.8 < row["probability_low"] < row["probability"] <= 1
    assert row["workloads"] == row["better"] == 4
    assert verdict(table, "quick").against_baseline is None


def test_the_effect_is_the_mean_of_paired_logarithms(noisy):
    table = noisy({"a": 1.0, "b": 1.1})
    found = verdict(table, "b")
    times = np.log(table.pivot_table(index=["workload", "seed"], columns="candidate", values="steps_to_target"))
    other = next(name for name in "ab" if name != found.leader)
    groups = [g.to_numpy() for _, g in (times[found.leader] - times[other]).groupby("workload")]
    expected = paired_effect(groups)
    assert found.versus.iloc[0][["effect", "low", "high"]].tolist() == pytest.approx(
        list(np.exp([expected.mean, expected.low, expected.high]))
    )


def test_equals_are_not_told_apart_but_the_laggard_is(noisy):
    found = verdict(noisy({"a": 1.0, "b": 1.0, "c": 1.6}, seed=3))
    assert set(found.winners) == {"a", "b"}
    assert not found.decided
    rows = found.versus.set_index("candidate")
    assert rows.loc["c", "verdict"] == "better"  # the leader against c
    level = rows.drop(index="c").iloc[0]
    assert (level["verdict"], level["reason"]) == ("undecided", "the interval holds no difference")


def test_it_sorts_as_the_leaderboard(noisy):
    for seed in range(5):
        table = noisy({"a": 1.0, "b": 1.1, "c": 1.2, "d": 1.1}, seeds=3, seed=seed)
        order = leaderboard(table, resamples=50).index.tolist()
        found = verdict(table)
        assert [found.leader, *found.versus["candidate"]] == order


def test_without_targets_final_results_are_compared(noisy):
    table = noisy({"a": 1.0, "b": 1.0}).assign(target_metric=None, steps_to_target=math.nan)
    table.loc[table["candidate"] == "b", "final_test_metric"] -= 0.05
    found = verdict(table, "b")
    assert (found.by, found.unit, found.winners) == ("final", "difference", ["a"])
    assert found.versus["effect"].iloc[0] == pytest.approx(0.05, abs=0.01)
    assert found.versus["probability"].iloc[0] > 0.9


def test_misses_count_against_whoever_missed(trials):
    rows = [
        (w, name, s, INF if name == "b" and s % 2 else 50.0 + s, 0.9)
        for w in ("u", "v") for name in "ab" for s in range(8)
    ]  # fmt: skip
    found = verdict(trials(rows), "b")
    # half the pairs are equal, the others took at least 115 steps to 51 ... 57
    assert found.leader == "a"
    assert 0.6 < found.versus["effect"].iloc[0] < 0.8
    assert found.winners == ["a"]


def test_candidates_that_share_no_workload_are_not_told_apart(trials):
    rows = [("u", "a", s, 10.0 + s, 0.9) for s in range(8)] + [("v", "b", s, 10.0 + s, 0.9) for s in range(8)]
    found = verdict(trials(rows), "a")
    assert not found.decided
    row = found.versus.iloc[0]
    assert (row["verdict"], row["reason"], row["workloads"]) == ("undecided", "they share no workload", 0)


@pytest.mark.parametrize("case", ["none", "alone", "one seed", "all missed"])
def test_small_and_sad_tables(noisy, trials, case):
    table = {
        "none": noisy({"a": 1.0}).iloc[:0],
        "alone": noisy({"a": 1.0}),
        "one seed": noisy({"a": 1.0, "b": 2.0}, seeds=1),
        "all missed": trials([("w", n, s, INF, 0.5) for n in "ab" for s in range(8)]),
    }[case]
    found = verdict(table, "a")
    assert not found.decided
    assert isinstance(found.versus, pd.DataFrame)
    assert len(found.winners) == table["candidate"].nunique()
    assert (found.leader is None) == (case == "none")
    if case == "one seed":
        assert found.versus["reason"].iloc[0] == "a single pair of runs shows no spread"


def test_who_fails_on_a_held_out_variant_missed_the_target_of_its_base(noisy):
    table = noisy({"a": 1.0, "b": 2.0}, workloads=1).assign(variant_of=None)
    assert verdict(table).winners == ["a"]
    variant = table.assign(workload="held out", variant_of="w0")
    variant.loc[variant["candidate"] == "a", "steps_to_target"] = INF
    found = verdict(pd.concat([table, variant], ignore_index=True))
    assert found.winners == ["b"]
    assert found.workloads == 1
