"""Both questions on tables whose answers are known."""

import math

import numpy as np
import pandas as pd
import pytest

from optbench.statistics import leaderboard, paired_effect, seed_pairs, verdict, versus
from optbench.statistics.sentences import _few

INF = math.inf
LEVEL = {"a": 1.0, "b": 1.0, "c": 1.6}


def words(question, name):
    return {c.against: c.word for c in question.about(name)}


def test_a_focus_is_compared_with_everybody_and_nobody_else_is(noisy):
    table = noisy({"base": 1.0, "quick": 0.6, "slow": 2.0})
    found = verdict(table, "base", focus=["quick", "unknown"])
    assert (found.focus, found.baseline, found.scope) == (("quick",), "base", None)
    time, result = found.questions
    assert (time.name, time.by, time.unit, time.metric) == ("time", "steps", "ratio", "steps")
    assert (result.name, result.by, result.unit, result.metric) == ("result", "final", "difference", "test accuracy")
    assert [(c.candidate, c.against) for c in time.comparisons] == [("quick", "base"), ("quick", "slow")]
    assert words(time, "quick") == {"base": "faster", "slow": "faster"}
    assert words(time, "base") == {"quick": "slower"}
    assert time.between("base", "slow") is None
    ours = time.between("quick", "base")
    theirs = time.between("base", "quick")
    assert ours.low < 0.6 < ours.high < 0.8
    assert (theirs.effect, theirs.low, theirs.high) == pytest.approx((1 / ours.effect, 1 / ours.high, 1 / ours.low))
    assert (found.question("time"), found.question("result")) == (time, result)
    assert found.headline().startswith("quick trains faster than base and ")


def test_it_is_corrected_for_what_was_asked_alone(noisy):
    table = noisy({"mine": 0.93, "base": 1.0, **{f"x{i}": 1 + 0.01 * i for i in range(6)}}, seeds=8, seed=4)
    asked = verdict(table, "base", focus=["mine"]).question("time")
    everything = verdict(table, "base").question("time")
    assert (len(asked.comparisons), len(everything.comparisons)) == (7, 28)
    assert asked.between("mine", "base").p < everything.between("mine", "base").p
    by_hand = versus(seed_pairs(table), "mine", margin=math.log(1.05))
    assert {c.against: c.p for c in by_hand} == {c.against: c.p for c in asked.comparisons}


def test_without_a_focus_there_are_groups(noisy):
    found = verdict(noisy(LEVEL, seeds=20, seed=3), "a")
    time = found.question("time")
    assert len(time.comparisons) == 3
    assert [set(group) for group in time.groups.order] == [{"a", "b"}, {"c"}]
    assert set(time.level("a")) == {"b"}
    assert time.told == 2 + (time.between("a", "b").word == "equal")
    (line, *_) = found.lines()
    first = ", ".join(time.groups.order[0])
    assert line.startswith(f"how fast: {first} < c (faster on the left of <; 2 of 3 pairs told apart")
    assert found.headline().startswith("a and b train faster than all others") or "b and a" in found.headline()


def test_equal_is_a_finding(noisy):
    table = noisy({"a": 1.0, "b": 1.0}, seeds=100, spread=0.05)
    found = verdict(table, "a", focus=["b"])
    assert words(found.question("time"), "b") == {"a": "equal"}
    assert words(verdict(table, "a", margins={"time": 0.001}).question("time"), "b") == {"a": "undecided"}
    (name, line, *_) = found.lines()
    assert name == "b"
    assert line.strip().startswith("trains as fast as a (within 5 %): 1.0")
    assert line.endswith("faster than none of 1, equal to a (within 5 %), slower than none")


def test_the_effect_is_the_mean_of_paired_logarithms(noisy):
    table = noisy({"a": 1.0, "b": 1.1})
    (found,) = verdict(table, "b").question("time").comparisons
    times = np.log(table.pivot_table(index=["workload", "seed"], columns="candidate", values="steps_to_target"))
    groups = [g.to_numpy() for _, g in (times[found.candidate] - times[found.against]).groupby("workload")]
    expected = paired_effect(groups)
    ends = np.exp([expected.mean, expected.low, expected.high])
    assert [found.effect, found.low, found.high] == pytest.approx(list(ends))


def test_a_sentence_and_the_leaderboard_tell_one_number(noisy):
    table = noisy({"base": 1.0, "mine": 0.8, "other": 1.3})
    table.loc[(table["workload"] == "w1") & (table["candidate"] == "mine"), "steps_to_target"] = INF
    board = leaderboard(table, "base", resamples=50)
    found = verdict(table, "base", focus=["mine"]).question("time").between("mine", "base")
    told = board.loc["mine", ["ratio_to_baseline", "ratio_low", "ratio_high", "compared"]].tolist()
    assert told == pytest.approx([found.effect, found.low, found.high, found.workloads])


def test_it_sorts_as_the_leaderboard(noisy):
    for seed in range(5):
        table = noisy({"a": 1.0, "b": 1.1, "c": 1.2, "d": 1.1}, seeds=3, seed=seed)
        assert list(verdict(table).candidates) == leaderboard(table, resamples=50).index.tolist()


def test_without_targets_only_how_well_is_asked(noisy):
    table = noisy({"a": 1.0, "b": 1.0}).assign(target_metric=None, steps_to_target=math.nan)
    table.loc[table["candidate"] == "b", "final_test_metric"] -= 0.05
    found = verdict(table, "b", focus=["a"])
    (result,) = found.questions
    assert result.between("a", "b").effect == pytest.approx(0.05, abs=0.01)
    assert found.headline() == "a ends better than b."


def test_misses_count_against_whoever_missed(trials):
    rows = [
        (w, name, s, INF if name == "b" and s % 2 else 50.0 + s, 0.9)
        for w in ("u", "v") for name in "ab" for s in range(8)
    ]  # fmt: skip
    (found,) = verdict(trials(rows), "b").question("time").comparisons
    # half the pairs are equal, the others took at least 115 steps to 51 ... 57
    assert (found.candidate, found.word) == ("a", "faster")
    assert 0.6 < found.effect < 0.8


def test_candidates_that_share_no_workload_are_not_told_apart(trials):
    rows = [("u", "a", s, 10.0 + s, 0.9) for s in range(8)] + [("v", "b", s, 10.0 + s, 0.9) for s in range(8)]
    (found,) = verdict(trials(rows), "a").question("time").comparisons
    assert (found.word, found.reason, found.workloads) == ("undecided", "they share no workload", 0)


@pytest.mark.parametrize("case", ["none", "alone", "one seed", "all missed"])
def test_small_and_sad_tables(noisy, trials, case):
    table = {
        "none": noisy({"a": 1.0}).iloc[:0],
        "alone": noisy({"a": 1.0}),
        "one seed": noisy({"a": 1.0, "b": 2.0}, seeds=1),
        "all missed": trials([("w", n, s, INF, 0.5) for n in "ab" for s in range(8)]),
    }[case]
    found = verdict(table, "a")
    assert len(found.candidates) == table["candidate"].nunique()
    assert all(isinstance(line, str) for line in [*found.lines(), *found.sentences(), found.headline()])
    time = found.question("time")
    assert (time is None) == (case == "none")
    if case == "one seed":
        assert time.comparisons[0].reason == "a single pair of runs shows no spread"
        assert math.isnan(time.least)
    if case == "all missed":
        assert time.comparisons[0].word == "undecided"


def test_who_fails_on_a_held_out_variant_missed_the_target_of_its_base(noisy):
    table = noisy({"a": 1.0, "b": 2.0}, workloads=1).assign(variant_of=None)
    assert words(verdict(table).question("time"), "a") == {"b": "faster"}
    variant = table.assign(workload="held out", variant_of="w0")
    variant.loc[variant["candidate"] == "a", "steps_to_target"] = INF
    time = verdict(pd.concat([table, variant], ignore_index=True)).question("time")
    assert words(time, "b") == {"a": "faster"}
    assert time.workloads == ("w0",)


def test_what_it_could_tell_is_that_of_its_noise(noisy):
    """A difference of the size that it names is found in about four of five runs."""
    spread, hits = 0.1, 0
    least = verdict(noisy({"a": 1.0, "b": 1.0}, spread=spread), "a", focus=["b"]).question("time").least
    assert 0.03 < least < 0.12
    for seed in range(30):
        table = noisy({"a": 1.0, "b": 1 / 1.09}, spread=spread, seed=seed)
        time = verdict(table, "a", focus=["b"], margins={"time": 1e-6}).question("time")
        hits += time.between("b", "a").word == "faster"
    expected = verdict(noisy({"a": 1.0, "b": 1.0}, spread=spread, seeds=200), "a", focus=["b"]).question("time").noise
    from optbench.statistics import power

    assert hits / 30 == pytest.approx(power(math.log(1.09), expected, 10), abs=0.2)


def test_of_many_names_and_groups_a_sentence_has_the_first():
    assert _few([["a", "b"], ["c"]]) == "a, b < c"
    assert _few([[f"x{i}" for i in range(40)], ["c"]]) == "x0, x1, x2, x3, x4, x5, x6, x7 and 32 more < c"
    assert _few([[str(i)] for i in range(20)]) == "0 < 1 < 2 < 3 < 4 < 5 < 6 < 7 < 12 groups more"
