"""The leaderboard and the table of workloads, on trials whose verdict is known."""

import math

import numpy as np
import pandas as pd
import pytest

from optbench.statistics import (
    final_values,
    leaderboard,
    normalized,
    paired_effect,
    with_failures,
    workload_table,
)

INF, NAN = math.inf, math.nan


def test_without_spread_it_is_arithmetic(grid):
    board = leaderboard(grid({"slow": [20, 20, INF], "quick": [10, 5, 8], "never": [INF] * 3}), "slow")
    assert board.index.tolist() == ["quick", "slow", "never"]
    assert board["score"].tolist() == pytest.approx(
        [1, (2 / 3) / 3, 0]
    )  # slow: 2 and 4 times the best, and a miss
    assert (
        board["score_low"].tolist() == board["score_high"].tolist() == pytest.approx(board["score"].tolist())
    )
    assert board["solved"].tolist() == pytest.approx([1, 2 / 3, 0])
    # a miss counts as one step beyond the budget of 40; where both missed, the pair is a tie
    ratios = [(1 / 2 * 1 / 4 * 8 / 41) ** (1 / 3), 1, (41 / 20 * 41 / 20) ** (1 / 3)]
    assert board["ratio_to_baseline"].tolist() == pytest.approx(ratios)
    assert board["compared"].tolist() == [3, 3, 3]
    assert board["seconds_ratio"].tolist() == pytest.approx(ratios)
    assert board["failures"].tolist() == [0, 5, 15]
    assert board["trials"].tolist() == [15] * 3
    assert board["iqm"].tolist() == pytest.approx([0.9, 0.9 * (8 - 1.25 + 0.25) / 7.5, 0], abs=0.2)


def test_intervals_hold_the_estimate_and_repeat(trials):
    rng = np.random.default_rng(0)
    rows = [
        (f"w{w}", c, s, float(rng.integers(5, 15) * pace), rng.uniform(0.8, 0.9))
        for c, pace in (("a", 1), ("b", 2))
        for w in range(4)
        for s in range(6)
    ]
    board = leaderboard(trials(rows), "a")
    for name, low, high in (
        ("score", "score_low", "score_high"),
        ("iqm", "iqm_low", "iqm_high"),
        ("ratio_to_baseline", "ratio_low", "ratio_high"),
    ):
        assert (board[low] <= board[name]).all()
        assert (board[name] <= board[high]).all()
    assert board["ratio_low"]["b"] < board["ratio_high"]["b"]
    assert board["ratio_low"]["a"] == board["ratio_high"]["a"] == 1
    assert board.equals(leaderboard(trials(rows), "a"))
    assert not board.equals(leaderboard(trials(rows), "a", seed=1))


def test_seeds_are_resampled_in_pairs(trials):
    # b takes exactly twice the steps of a with every seed: whatever seeds are drawn, the ratio is 2
    steps = np.random.default_rng(0).integers(10, 100, (3, 5))
    rows = [
        (f"w{w}", c, s, float(f * steps[w, s]), 0.9)
        for c, f in (("a", 1), ("b", 2))
        for w in range(3)
        for s in range(5)
    ]
    board = leaderboard(trials(rows).sample(frac=1, random_state=0), "a")
    assert board.loc["b", ["ratio_to_baseline", "ratio_low", "ratio_high"]].tolist() == pytest.approx(
        [2, 2, 2]
    )
    assert board.loc["b", ["score_low", "score_high"]].tolist() == pytest.approx([2 / 3, 2 / 3])


def test_ratios_are_paired_geometric_means_with_students_interval(trials):
    rng = np.random.default_rng(0)
    steps = rng.integers(20, 60, (2, 3, 6)).astype(float)
    rows = [
        (f"w{w}", name, s, steps[c, w, s], 0.9)
        for c, name in enumerate("ab") for w in range(3) for s in range(6)
    ]  # fmt: skip
    row = leaderboard(trials(rows), "a").loc["b"]
    logs = np.log(steps[1] / steps[0])
    assert row["ratio_to_baseline"] == pytest.approx(math.exp(logs.mean()))
    effect = paired_effect(list(logs))
    assert (row["ratio_low"], row["ratio_high"]) == pytest.approx((math.exp(effect.low), math.exp(effect.high)))
    assert row[["gradients_ratio", "seconds_ratio"]].tolist() == pytest.approx([row["ratio_to_baseline"]] * 2)


def test_improvement_and_optimality_gap(grid):
    table = grid({"a": [10, 10, INF], "b": [20, 5, INF]}, accuracy=0.8)
    board = leaderboard(table, "b")
    assert board.loc["a", "improvement"] == pytest.approx(0.5)  # quicker, slower, both missed
    assert board.loc["a", "improvement_low"] < 0.5 < board.loc["a", "improvement_high"]
    assert math.isnan(board.loc["b", "improvement"])
    assert board["optimality_gap"].tolist() == pytest.approx([1 - 0.8 * 2 / 3] * 2)  # the last workload counts 0
    without = table.assign(target_metric=None, steps_to_target=NAN)
    without.loc[without["candidate"] == "a", "final_test_metric"] = 0.9
    # better, better, and on the last workload both diverged
    assert leaderboard(without, "b").loc["a", "improvement"] == pytest.approx(2.5 / 3)


def test_a_single_seed_has_no_interval(grid):
    board = leaderboard(grid({"a": [10, 10], "b": [5, 5]}, seeds=1), "a")
    ends = [f"{name}_{end}" for name in ("score", "iqm", "ratio") for end in ("low", "high")]
    assert board.loc["b", ends].isna().all()


def test_the_tuning_runs_do_not_count(grid):
    table = grid({"a": [10], "b": [20]})
    extra = grid({"b": [1]}).assign(phase="tune", seed=99)
    assert leaderboard(pd.concat([table, extra], ignore_index=True)).equals(leaderboard(table))


def test_a_workload_that_a_candidate_did_not_run_counts_as_missed(grid):
    table = grid({"a": [10, 10], "b": [10, 10]})
    part = table[(table["candidate"] == "a") | (table["workload"] == "w0")]
    board = leaderboard(part, "a")
    assert board["score"].to_dict() == {"a": 1, "b": 0.5}
    assert board["iqm"]["b"] < board["iqm"]["a"]


def test_a_seed_that_is_still_missing_is_left_out(grid):
    table = grid({"a": [10], "b": [20]})
    board = leaderboard(table.drop(index=table.index[-1]), "a")
    assert board["trials"].to_dict() == {"a": 5, "b": 4}
    assert board["score"]["b"] == pytest.approx(2 / 3)


def test_without_targets_the_final_result_ranks(grid):
    table = pd.concat([grid({"worse": [10]}, accuracy=0.6), grid({"better": [20]}, accuracy=0.8)])
    table = table.assign(target_metric=None, steps_to_target=NAN, seconds_to_target=NAN).reset_index(
        drop=True
    )
    board = leaderboard(table, "worse")
    assert board.index.tolist() == ["better", "worse"]
    assert board[["score", "score_low", "solved", "ratio_to_baseline"]].isna().all(axis=None)
    assert workload_table(table)[["steps_to_target", "steps_low", "ratio", "solved"]].isna().all(axis=None)


@pytest.mark.parametrize("case", ["one", "all diverged", "one seed", "no baseline", "another baseline"])
def test_small_and_sad_tables(grid, case):
    table = {
        "one": grid({"a": [10]}),
        "all diverged": grid({"a": [INF, INF], "b": [INF, INF]}),
        "one seed": grid({"a": [10, 10], "b": [5, 5]}, seeds=1),
    }.get(case, grid({"a": [10]}))
    board = leaderboard(table, {"no baseline": None, "another baseline": "z"}.get(case, "a"))
    assert len(board) == table["candidate"].nunique()
    assert board["iqm"].notna().all()
    assert len(workload_table(table)) == table.groupby(["workload", "candidate"]).ngroups
    if case == "all diverged":
        assert board["score"].tolist() == [0, 0]
        assert board["iqm"].tolist() == [0, 0]
        assert board["failures"].tolist() == [10, 10]


def test_no_trials(grid):
    empty = grid({"a": [10]}).iloc[:0]
    assert len(leaderboard(empty)) == len(workload_table(empty)) == 0
    assert "score" in leaderboard(empty)


def test_the_table_of_workloads(trials):
    rows = [("w", "a", s, float(t), 0.9 + s / 100) for s, t in enumerate([10, 20, 30, 40, INF])]
    rows += [("w", "b", s, 60.0, 0.5 if s else NAN) for s in range(5)]
    table = workload_table(trials(rows)).set_index("candidate")
    assert table.loc["a", ["steps_to_target", "solved", "ratio"]].tolist() == [30, 0.8, 1]
    assert table.loc["a", "steps_low"] <= 30 <= table.loc["a", "steps_high"]
    assert table.loc["a", "seconds_to_target"] == pytest.approx(3)
    assert table.loc["a", "gradients_to_target"] == 60
    assert table.loc["a", "ert"] == (10 + 20 + 30 + 40 + 120) / 4  # a miss spent its budget of 120 steps
    assert table.loc["a", "final"] == pytest.approx(0.92)
    assert table.loc["a", "final_low"] < 0.92 < table.loc["a", "final_high"]
    assert table.loc["b", "ratio"] == 2
    assert table.loc["b", "final"] == pytest.approx(0.4)  # the diverged run counts as 0
    assert table.loc["b", "failures"] == 1


# --------------------------------------------------------------------------------------------- how failures count


def test_failures_count_as_the_worst_of_their_workload(trials):
    table = trials([("w", "a", 0, 1.0, 0.9), ("w", "a", 1, INF, NAN), ("v", "a", 0, 1.0, 0.5)])
    table["final_test_loss"] = [0.1, NAN, 7.0]
    table["metric.norm"] = [3.0, NAN, NAN]
    assert with_failures(table, "final_test_metric").tolist() == [0.9, 0.0, 0.5]
    assert with_failures(table, "final_test_loss").tolist() == [0.1, 0.1, 7.0]
    np.testing.assert_equal(with_failures(table, "metric.norm", "higher").tolist(), [3.0, 3.0, NAN])
    table["metric.drift"] = [0.2, 15.0, 24.0]  # what a run did record before it failed is its own
    assert with_failures(table, "metric.drift", "lower").tolist() == [0.2, 15.0, 24.0]
    table["final_test_metric"] = [-2.0, NAN, -1.0]  # R^2 may be below 0, and a failure is never better
    assert with_failures(table, "final_test_metric").tolist() == [-2.0, -2.0, -1.0]


def test_infinite_values_count_as_the_worst_finite_one(trials):
    table = trials([("w", "a", s, 1.0, 0.9) for s in range(3)])
    table["final_test_loss"] = [1.0, INF, 4.0]
    assert with_failures(table, "final_test_loss").tolist() == [1.0, 4.0, 4.0]


def test_final_values_without_a_test_split_and_of_functions(trials):
    table = trials([("w", "a", 0, 1.0, 0.9), ("f", "a", 0, 1.0, 0.9)])
    table["final_test_metric"] = NAN
    table["final_validation_metric"] = [0.8, NAN]
    table["metric"] = ["accuracy", "value"]
    table["final_train_loss"] = [5.0, 1e-3]
    assert final_values(table).tolist() == [0.8, 1e-3]


def test_normalized_scores(trials):
    table = trials([("w", "a", s, 1.0, v) for s, v in enumerate([0.9, -3.0, NAN])])
    assert normalized(table).tolist() == [0.9, 0.0, 0.0]
    table = trials([("f", "a", s, 1.0, v) for s, v in enumerate([0.0, 0.0, 0.0, NAN])], metric="value")
    table["final_train_loss"] = [1.0, 1e-2, 1e-4, NAN]
    assert normalized(table).tolist() == pytest.approx([0, 0.5, 1, 0])


def test_a_loss_alone_is_that_of_the_furthest_split_that_has_one(trials):
    """A problem without a metric, with a test loss on one workload and no more than a validation loss on another."""
    table = trials([(w, "a", s, 1.0, 0.5) for w in ("tested", "validated") for s in range(2)], metric="value")
    for split in ("train", "validation", "test"):
        table[f"final_{split}_metric"] = NAN
    table["final_train_loss"] = [1.0, 2.0, 3.0, 4.0]
    table["final_validation_loss"] = [10.0, 20.0, 30.0, INF]
    table["final_test_loss"] = [100.0, NAN, NAN, NAN]
    found = final_values(table)
    assert found.tolist()[::2] == [100.0, 30.0]
    assert np.isnan(found.tolist()[1]), "a run without the test loss that others have is not compared by another"
    assert found.tolist()[3] == 30.0


def test_scores_of_any_size_are_placed_between_the_worst_and_the_best(trials):
    table = trials([("w", "a", s, 1.0, v) for s, v in enumerate([-300.0, 100.0, 0.0, NAN])], metric="score")
    assert normalized(table).tolist() == pytest.approx([0, 1, 0.75, 0])
