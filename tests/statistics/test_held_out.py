"""Held-out variants: what carries over, and AlgoPerf's rule for those that do not."""

import math

import numpy as np
import pandas as pd
import pytest

from optbench.report.terminal.lines import held_out_lines
from optbench.statistics import carry_over, disqualified, leaderboard, workload_table

INF, NAN = math.inf, math.nan


def table(times, variants, accuracy=None, target=True):
    """Each candidate takes times[candidate][workload] steps with every seed."""
    rows = [
        {
            "workload": workload, "candidate": candidate, "phase": "final", "study": 0, "seed": seed,
            "outcome": "done" if math.isfinite(steps) else "diverged", "steps_to_target": float(steps),
            "seconds_to_target": float(steps), "target_metric": "validation_accuracy" if target else None,
            "steps": 100, "seconds_per_step": 1.0,
            "metric": "accuracy", "variant_of": variants.get(workload), "final_train_loss": 0.1,
            "final_validation_metric": 0.9,
            "final_test_metric": (accuracy or {}).get((candidate, workload), 0.9) if math.isfinite(steps) else NAN,
        }
        for candidate, row in times.items() for workload, steps in row.items() for seed in range(5)
    ]  # fmt: skip
    return pd.DataFrame(rows)


TIMES = {
    "a": {"w": 10, "u": 10, "w-wide": 20, "w-noisy": 10},
    "b": {"w": 20, "u": 10, "w-wide": 81, "w-noisy": 10},
    "c": {"w": 40, "u": 10, "w-wide": 80, "w-noisy": 10},
}
VARIANTS = {"w-wide": "w", "w-noisy": "w"}


def test_who_fails_on_a_variant_loses_the_base():
    trials = table(TIMES, VARIANTS)
    out = disqualified(trials, list("abc"), ["u", "w"])
    assert out.tolist() == [[False, False], [False, True], [False, False]]  # 81 > 4 * 20, 80 is not
    board = leaderboard(trials, "a")
    # without the rule b would have (1 + 2/3) / 2 and be second
    assert board["score"].to_dict() == pytest.approx({"a": 1.0, "c": 0.5, "b": 0.5})
    without = leaderboard(table({n: {w: row[w] for w in "wu"} for n, row in TIMES.items()}, {}), "a")
    assert without["score"]["b"] == pytest.approx((1 + 2 / 3) / 2)
    assert board["score_high"]["b"] == pytest.approx(0.5)


def test_variants_are_no_workloads_of_any_table():
    trials = table(TIMES, VARIANTS)
    assert set(workload_table(trials)["workload"]) == {"w", "u"}
    assert leaderboard(trials, "a")["trials"].tolist() == [10] * 3


@pytest.mark.parametrize("target", [True, False])
def test_a_variant_that_nobody_solves_disqualifies_nobody(target):
    times = {n: {**row, "w-wide": INF if target else NAN} for n, row in TIMES.items()}
    trials = table(times, VARIANTS)
    if not target:
        trials.loc[trials["workload"] == "w-wide", "target_metric"] = None
    assert not disqualified(trials, list("abc"), ["u", "w"]).any()
    assert carry_over(trials)["qualified"].all()


def test_what_carries_over():
    accuracy = {("a", "w-noisy"): 0.7, ("b", "w-noisy"): 0.8}
    rows = carry_over(table(TIMES, VARIANTS, accuracy)).set_index(["workload", "candidate"])
    assert len(rows) == 6
    wide = rows.loc["w-wide"]
    assert wide["variant_of"].unique().tolist() == ["w"]
    assert wide["steps_to_target"].to_dict() == {"a": 20, "b": 81, "c": 80}
    assert wide["factor"].to_dict() == pytest.approx({"a": 2, "b": 4.05, "c": 2})
    assert wide["ratio"].to_dict() == pytest.approx({"a": 1, "b": 4.05, "c": 4})
    assert wide["ratio_on_base"].to_dict() == pytest.approx({"a": 1, "b": 2, "c": 4})
    assert wide["rank"].to_dict() == {"a": 1, "b": 3, "c": 2}
    assert wide["rank_change"].to_dict() == {"a": 0, "b": 1, "c": -1}
    assert wide["qualified"].to_dict() == {"a": True, "b": False, "c": True}
    noisy = rows.loc["w-noisy"]  # level in steps: the final result decides
    assert noisy["rank"].to_dict() == {"a": 3, "b": 2, "c": 1}
    assert noisy["final"]["a"] == pytest.approx(0.7)
    assert noisy["final_on_base"]["a"] == pytest.approx(0.9)
    assert noisy["qualified"].all()


def test_misses_and_absent_runs():
    times = {"a": {"w": INF, "w-wide": 5}, "b": {"w": 10, "w-wide": INF}, "c": {"w": 10}}
    trials = table(times, VARIANTS)
    rows = carry_over(trials).set_index("candidate")
    assert list(rows.index) == ["a", "b"]
    assert np.isnan(rows["factor"]["a"])  # nothing to relate it to
    assert rows["factor"]["b"] == INF
    # who did not run there did not solve it
    assert disqualified(trials, list("abc"), ["w"])[:, 0].tolist() == [False, True, True]


def test_without_variants_it_is_empty():
    trials = table({"a": {"w": 1}}, {})
    assert carry_over(trials).empty
    assert carry_over(trials.drop(columns="variant_of")).empty
    assert carry_over(trials.iloc[:0]).empty
    assert held_out_lines(carry_over(trials)) == []


def test_the_terminal_names_those_that_fail():
    (line,) = held_out_lines(carry_over(table(TIMES, VARIANTS)))
    assert line == "held out: b is not within 4 times the best on w-wide: a miss on w in the score"
