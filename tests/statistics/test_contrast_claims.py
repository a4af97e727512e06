"""Claims of interactions and of equality: verdicts that are known beforehand, and arithmetic by others."""

import importlib
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from optbench.statistics.claims import judge

RNG = np.random.default_rng(0)
SEEDS = 12


def runs(times, workload="w", study=0, budget=1000.0, metric=None):
    """Final runs, `times` by candidate, one a seed; infinite is a miss. `metric`: final accuracies instead."""
    parts = []
    for name, values in times.items():
        values = np.asarray(values, dtype=float)
        parts.append(
            pd.DataFrame(
                {
                    "workload": workload, "candidate": name, "phase": "final", "study": study,
                    "seed": np.arange(len(values)), "outcome": "done", "metric": "accuracy",
                    "target_metric": "validation_accuracy", "steps": budget, "gradients": budget, "epochs": 10.0,
                    "seconds_per_step": 0.01, "steps_to_target": values if metric is None else 10.0,
                    "final_test_metric": 0.9 if metric is None else values, "final_train_loss": 0.1,
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def noisy(paces, noise=0.1, seeds=SEEDS):
    return {name: 100 * pace * RNG.lognormal(0, noise, seeds) for name, pace in paces.items()}


def claim(metric="steps_to_target", **changes):
    return {"statement": "s", "workloads": ["w"], "better": "a", "worse": "b", "metric": metric, **changes}


def same(margin=0.05, **changes):
    return claim(equal=["a", "b"], expect="equivalence", margin=margin, **changes)


def test_an_interaction_of_times_is_a_ratio_of_ratios():
    times = noisy({"a": 0.5, "b": 1.0, "c": 1.0, "d": 1.0})
    found = judge(claim(than=["c", "d"]), runs(times))
    a, b, c, d = (np.log(times[name]) for name in "abcd")
    gain = (b - a) - (d - c)
    low, high = scipy.stats.t.interval(0.95, SEEDS - 1, gain.mean(), scipy.stats.sem(gain))
    assert (found.verdict, found.unit, found.seeds) == ("supported", "relative", SEEDS)
    assert (found.effect, found.low, found.high) == pytest.approx(tuple(np.expm1([gain.mean(), low, high])))
    back = judge(claim(better="c", worse="d", than=["a", "b"]), runs(times))
    assert back.verdict == "refuted"
    assert 1 + back.effect == pytest.approx(1 / (1 + found.effect))


def test_a_margin_of_an_interaction_is_a_share():
    trials = runs(noisy({"a": 0.5, "b": 1.0, "c": 1.0, "d": 1.0}, noise=0.02))
    assert judge(claim(than=["c", "d"], margin=0.8), trials).verdict == "supported"
    assert judge(claim(than=["c", "d"], margin=1.3), trials).verdict == "refuted"


def test_the_same_help_to_both_is_no_interaction():
    trials = runs(noisy({"a": 0.5, "b": 1.0, "c": 1.0, "d": 2.0}, noise=0.02))
    assert judge(claim(than=["c", "d"]), trials).verdict != "supported"
    level = claim(than=["c", "d"], expect="equivalence", margin=0.1)
    assert judge(level, trials).verdict == "supported"
    assert judge({**level, "than": ["d", "c"]}, trials).verdict == "refuted"


def test_an_interaction_of_results_is_in_their_unit():
    values = {"a": 0.9, "b": 0.7, "c": 0.8, "d": 0.75}
    values = {name: mean + RNG.normal(0, 0.01, SEEDS) for name, mean in values.items()}
    found = judge(claim("final_test_accuracy", than=["c", "d"]), runs(values, metric="accuracy"))
    expected = np.mean(values["a"] - values["b"] - values["c"] + values["d"])
    assert (found.verdict, found.unit) == ("supported", "accuracy")
    assert found.effect == pytest.approx(expected)


@pytest.mark.oracle
def test_equality_is_two_one_sided_tests():
    statsmodels = importlib.import_module("statsmodels.stats.weightstats")
    for pace, noise in ((1.0, 0.02), (1.02, 0.05), (1.04, 0.03), (1.1, 0.02)):
        times = noisy({"a": pace, "b": 1.0}, noise)
        log = np.log(times["a"] / times["b"])
        p = statsmodels.DescrStatsW(log).ttost_mean(-np.log(1.05), np.log(1.05))[0]
        word = judge(same(), runs(times)).verdict
        assert (word == "supported") == (p <= 0.05), (pace, noise, p)


def test_beyond_the_margin_equality_is_refuted_and_between_undecided():
    assert judge(same(), runs(noisy({"a": 1.2, "b": 1.0}, 0.02))).verdict == "refuted"
    assert judge(same(), runs(noisy({"a": 1.0, "b": 1.0}, 0.5))).verdict == "undecided"
    assert judge(same(), runs({"a": [50.0] * 6, "b": [50.0] * 6})).verdict == "supported"
    assert judge(same(), runs({"a": [50.0], "b": [50.0]})).verdict == "undecided"


def test_misses_are_no_evidence_of_equality():
    found = judge(same(), runs({"a": [math.inf] * 9 + [100.0], "b": [math.inf] * 9 + [100.0]}))
    assert found.verdict == "undecided"
    assert "18 runs missed" in found.reason


def test_what_misses_hide_is_no_interaction():
    """b missed: a's gain is at least what is seen; d missed, too, and the interaction may be either way."""
    times = {"a": [10.0] * 8, "b": [math.inf] * 8, "c": [100.0] * 8, "d": [200.0] * 8}
    assert judge(claim(than=["c", "d"]), runs(times)).verdict == "supported"
    both = judge(claim(than=["c", "d"]), runs({**times, "d": [math.inf] * 8}))
    assert both.verdict == "undecided"
    assert "either way" in both.reason
    hidden = judge(claim(better="c", worse="d", than=["a", "b"], margin=0.5), runs({**times, "d": [math.inf] * 8}))
    assert hidden.verdict == "undecided"


def test_several_workloads_are_a_mean_and_all_must_have_run():
    trials = pd.concat([runs(noisy({"a": 0.5, "b": 1, "c": 1, "d": 1}), w) for w in ("w", "v")])
    found = judge(claim(than=["c", "d"], workloads=["w", "v"]), trials)
    alone = [judge(claim(than=["c", "d"], workloads=[w]), trials) for w in ("w", "v")]
    assert np.log1p(found.effect) == pytest.approx(np.mean([np.log1p(one.effect) for one in alone]))
    part = trials[(trials["candidate"] != "d") | (trials["workload"] == "w")]
    told = judge(claim(than=["c", "d"], workloads=["w", "v"]), part)
    assert (told.verdict, told.reason) == ("undecided", "d has no final run on v")


def test_pairs_of_studies_are_means_of_their_seeds():
    studies = [runs(noisy({"a": 0.5, "b": 1, "c": 1, "d": 1}), study=s) for s in range(7)]
    trials = pd.concat(studies, ignore_index=True)
    found = judge(claim(than=["c", "d"], pairs="studies"), trials)
    by_hand = [np.log1p(judge(claim(than=["c", "d"]), one).effect) for one in studies]
    assert found.seeds == 7
    assert found.effect == pytest.approx(np.expm1(np.mean(by_hand)))
    low, high = scipy.stats.t.interval(0.95, 6, np.mean(by_hand), scipy.stats.sem(by_hand))
    assert (found.low, found.high) == pytest.approx((np.expm1(low), np.expm1(high)))
