"""The ECDF over targets against a plain loop, on curves whose hits are known."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench import OptbenchError
from optbench.report import target_shares
from optbench.statistics import target_ecdf

NAN = math.nan


def runs(curves, budget=10, **shared):
    """(trials, curves) from {(workload, candidate, seed): accuracies at steps 0, 1, ...}."""
    trials, rows = [], []
    for (workload, candidate, seed), values in curves.items():
        run = {"workload": workload, "candidate": candidate, "seed": seed, "phase": "final", "study": 0}
        run["key"] = f"{workload}-{candidate}-{seed}"
        trials.append({
            **run, "outcome": "done", "steps": budget, "seconds_per_step": 0.1 if candidate == "a" else 0.2,
            "target_metric": "validation_accuracy", **shared,
        })  # fmt: skip
        rows += [
            {**run, "step": i, "gradients": 2 * i, "validation_metric": v, "validation_loss": NAN, "train_loss": 0.5**i}
            for i, v in enumerate(values)
        ]
    return pd.DataFrame(trials), pd.DataFrame(rows)


def share(frame, candidate, budget):
    rows = frame[(frame["candidate"] == candidate) & (frame["budget"] <= budget + 1e-12)]
    return rows["share"].iloc[-1]


def test_by_hand():
    trials, curves = runs({("w", "a", 0): [0, 0.5, 0.5, 1.0], ("w", "b", 0): [0, 0.2, 0.1, 0.7]})
    found = target_ecdf(curves, trials, targets=10)  # 0.1, 0.2, ... 1.0
    assert [share(found, "a", b) for b in (0, 0.1, 0.2, 0.3)] == pytest.approx([0, 0.5, 0.5, 1])
    assert [share(found, "b", b) for b in (0, 0.1, 0.2, 0.3)] == pytest.approx([0, 0.2, 0.2, 0.7])
    # between measurements, at one fifth of a step each: 0.1, 0.2, 0.3, 0.4, 0.5
    assert [share(found, "a", 0.02 * k) for k in range(6)] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])


def test_other_clocks():
    trials, curves = runs({("w", "a", 0): [0, 0.5, 0.5, 1.0], ("w", "b", 0): [0, 0.2, 0.1, 0.7]})
    gradients = target_ecdf(curves, trials, targets=10, by="gradients")
    assert [share(gradients, "a", b) for b in (0, 0.2, 0.4, 0.6)] == pytest.approx([0, 0.5, 0.5, 1])
    seconds = target_ecdf(curves, trials, targets=10, by="seconds")  # 1 is 10 steps of 0.1 s
    assert share(seconds, "a", 0.1) == pytest.approx(0.5)
    assert share(seconds, "b", 0.1) == pytest.approx(0.1)
    assert share(seconds, "b", 0.2) == pytest.approx(0.2)
    with pytest.raises(OptbenchError, match="'steps' or 'gradients' or 'seconds'"):
        target_ecdf(curves, trials, by="hours")
    trials["seconds_per_step"] = [0.1, NAN]
    assert set(target_ecdf(curves, trials, by="seconds")["candidate"]) == {"a"}


def test_against_a_plain_loop():
    rng = np.random.default_rng(0)
    values = {
        (w, c, s): np.concatenate([[0.1], rng.uniform(0.1, 0.9, 6)])
        for w in ("u", "v") for c in ("a", "b", "c") for s in range(4 if w == "u" else 2)
    }  # fmt: skip
    trials, curves = runs(values)
    found = target_ecdf(curves, trials, points=100_000)
    for candidate in "abc":
        for budget in (0.05, 0.1, 0.3, 0.6):
            shares = []
            for workload in ("u", "v"):
                best = max(v.max() for (w, _, _), v in values.items() if w == workload)
                levels = 0.1 + np.arange(1, 52) / 51 * (best - 0.1)
                hits = [
                    np.interp(np.linspace(0, 10 * budget, 2001), np.arange(7), v).max() >= level - 1e-9
                    for (w, c, _), v in values.items() if (w, c) == (workload, candidate) for level in levels
                ]  # fmt: skip
                shares.append(np.mean(hits))
            assert share(found, candidate, budget) == pytest.approx(np.mean(shares))


def test_failures_and_absence_stay_in_the_denominator():
    trials, curves = runs({
        ("w", "a", 0): [0, 1.0], ("w", "a", 1): [0, 1.0], ("w", "b", 0): [0, 1.0], ("v", "a", 0): [0, 1.0]
    })  # fmt: skip
    trials.loc[1, "outcome"] = "diverged"
    found = target_ecdf(curves, trials)
    assert found.groupby("candidate")["share"].max().to_dict() == pytest.approx({"a": 0.75, "b": 0.5})


def test_losses_are_spaced_by_their_logarithm_and_used_without_a_metric():
    trials, curves = runs({("f", "a", 0): [NAN] * 11}, target_metric=None)
    found = target_ecdf(curves, trials, targets=10)
    # the loss halves with every step, and so do the targets
    assert [share(found, "a", s / 10) for s in range(11)] == pytest.approx([s / 10 for s in range(11)])


def test_tuning_runs_do_not_count_and_points_are_thinned():
    rng = np.random.default_rng(0)
    trials, curves = runs({("w", "a", s): np.sort(rng.uniform(0, 1, 600)) for s in range(3)}, budget=600)
    more = [frame.assign(phase="tune", candidate="b") for frame in (trials, curves)]
    exact = target_ecdf(curves, trials, points=10_000)
    thin = target_ecdf(pd.concat([curves, more[1]]), pd.concat([trials, more[0]]), points=20)
    assert set(thin["candidate"]) == {"a"}
    assert len(thin) == 20
    assert thin["share"].is_monotonic_increasing
    assert all(share(exact, "a", b) == pytest.approx(s) for b, s in zip(thin["budget"], thin["share"], strict=True))
    assert thin["share"].iloc[-1] == exact["share"].iloc[-1]


def test_nothing_to_show():
    trials, curves = runs({("w", "a", 0): [0.5, 0.5]})
    flat = target_ecdf(curves, trials)
    assert flat["share"].tolist() == [0, 0]  # nobody became better
    assert len(target_ecdf(curves.iloc[:0], trials)) == 0
    assert list(target_ecdf(curves.iloc[:0], trials.iloc[:0])) == ["candidate", "budget", "share"]


EXTREME = (1e308, -1e308, 1.7e308, math.inf, -math.inf, NAN, 0.0, 5e-324, 1.0, -1.0, 1e-300)


@pytest.mark.slow
@given(st.lists(st.lists(st.sampled_from(EXTREME), min_size=3, max_size=3), min_size=4, max_size=4))
@settings(max_examples=200)
def test_losses_at_the_ends_of_the_numbers_are_shares_without_a_warning(values):
    keys = [("w", name, seed) for name in "ab" for seed in (0, 1)]
    trials, curves = runs(dict(zip(keys, values, strict=True)), target_metric="validation_loss")
    found = target_ecdf(curves.assign(validation_loss=curves["validation_metric"]), trials)
    assert found["share"].between(0, 1).all()
    for _, rows in found.groupby("candidate"):
        assert rows["share"].is_monotonic_increasing


def test_losses_that_fall_from_the_largest_number_count_by_their_logarithm():
    trials, curves = runs({("w", "a", 0): [1e308, 1e154, 1.0], ("w", "b", 0): [1.2e308, 1e308, math.inf]},
                          target_metric="validation_loss")  # fmt: skip
    curves["validation_loss"] = curves["validation_metric"]
    found = target_ecdf(curves, trials, targets=308)
    assert share(found, "a", 0.1) == pytest.approx(0.5, abs=0.01)
    assert (share(found, "a", 0.2), share(found, "b", 1.0)) == (1.0, 0.0)
    assert target_shares(found).axes[0].get_lines()
