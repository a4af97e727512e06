"""Comparisons of one with others: effects, intervals, words, and the groups that follow from the words."""

import math

import numpy as np
import pytest

from optbench.statistics import Paired, paired_effect
from optbench.statistics.equality import log_margin
from optbench.statistics.groups import groups
from optbench.statistics.holm import holm
from optbench.statistics.many import max_t
from optbench.statistics.versus import Comparison, all_against_all, versus

NAN = math.nan


def paired(effects, workloads=2, seeds=12, noise=0.05, ratio=True, seed=0):
    """Each candidate's logarithm of time is its effect, what it shares with the others by seed, and noise."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(1, workloads, seeds))
    values = np.array(list(effects.values()))[:, None, None] + shared
    values = values + noise * rng.normal(size=values.shape)
    names = [f"w{w}" for w in range(workloads)]
    return Paired(list(effects), names, values, np.zeros(values.shape, dtype=bool), ratio)


def test_words_effects_and_intervals_of_one_against_others():
    pairs = paired({"mine": 0.0, "slow": 0.5, "same": 0.0, "fast": -0.3}, seeds=30, noise=0.02)
    found = versus(pairs, "mine", margin=log_margin(0.05))
    assert [(c.candidate, c.against, c.word) for c in found] == [
        ("mine", "slow", "faster"), ("mine", "same", "equal"), ("mine", "fast", "slower"),
    ]  # fmt: skip
    for c, b in zip(found, (1, 2, 3), strict=True):
        effect = paired_effect(pairs.differences(0, b))
        assert (c.effect, c.low, c.high) == pytest.approx(tuple(np.exp([effect.mean, effect.low, effect.high])))
        assert c.low_all < c.low < c.effect < c.high < c.high_all
        assert (c.pairs, c.workloads, c.reason) == (30, 2, "")
    assert 1 < found[1].within < 1.05 < found[0].within
    without = versus(pairs, "mine", ["same"])
    assert (without[0].word, without[0].p_equal) == ("undecided", 1.0)
    assert math.isnan(without[0].within)


def test_results_are_better_or_worse_and_on_their_own_scale():
    pairs = paired({"mine": 0.9, "other": 0.7}, ratio=False)
    (one,) = versus(pairs, "mine", margin=0.005)
    assert one.word == "better"
    assert one.effect == pytest.approx(0.2, abs=0.05)
    (other,) = versus(pairs, "other")
    assert (other.word, other.effect) == ("worse", pytest.approx(-one.effect))


def test_simultaneous_intervals_and_corrected_p_agree():
    """The interval that holds with all others leaves out "no difference" where the single-step p is below 5 %."""
    for seed in range(20):
        pairs = paired({name: 0.03 * i for i, name in enumerate("abcde")}, noise=0.1, seed=seed)
        found = versus(pairs, "a")
        tables = np.stack([pairs.table(0, b) for b in range(1, 5)], axis=-1)
        together = max_t(list(tables))
        for c, t, adjusted in zip(found, together.t, together.adjusted, strict=True):
            assert (c.low_all > 1 or c.high_all < 1) == (abs(t) > together.critical)
            assert c.p == adjusted
        assert [c.p for c in versus(pairs, "a", correction="holm")] == pytest.approx(holm(together.p).tolist())


@pytest.mark.parametrize(("workloads", "where"), [(1, ""), (2, " on 1 of 2 workloads")])
def test_equal_but_for_targets_that_are_missed_too_often_is_said_so(workloads, where):
    """Of 40 pairs on w0 both miss some: 2 are 5 %, which may be; 3 are more."""
    pairs = paired({"a": 0.0, "b": 0.0}, workloads, seeds=40, noise=0.01)
    margin = log_margin(0.05)
    told = {}
    for missed in (2, 3):
        pairs.missed[:, 0, :missed] = True
        (told[missed],) = versus(pairs, "a", ["b"], margin)
    assert (told[2].word, told[2].reason) == ("equal", "")
    assert told[3].word == "undecided"
    assert told[3].p_equal > 0.5
    assert 1 / 1.05 < told[3].low < told[3].high < 1.05
    assert told[3].reason == f"equal as far as was seen, but more than 5 % of the targets are missed{where}"
    # nobody asked for equality, or what was seen is too far apart for it: misses are no reason then
    (unasked,) = versus(pairs, "a", ["b"])
    assert unasked.reason == "either may lead, or neither"
    (narrow,) = versus(pairs, "a", ["b"], log_margin(0.0005))
    assert (narrow.word, narrow.reason) == ("undecided", "either may lead, or neither")


def test_two_questions_about_one_cost_less_than_all_pairs():
    pairs = paired({name: 0.04 * i for i, name in enumerate("abcdef")}, noise=0.06)
    every = {(c.candidate, c.against): c.p for c in all_against_all(pairs)}
    assert len(every) == 15
    assert all(c.p <= every[c.candidate, c.against] for c in versus(pairs, "a"))


def test_who_shares_no_workload_or_has_a_single_pair_takes_no_part():
    pairs = paired({"a": 0.0, "b": 0.3, "c": 0.0, "d": 0.0})
    pairs.values[2] = NAN
    pairs.values[3, :, 1:] = NAN
    found = {c.against: c for c in versus(pairs, "a", margin=0.05)}
    assert found["b"] == versus(pairs, "a", ["b"], margin=0.05)[0]
    assert (found["c"].word, found["c"].reason) == ("undecided", "they share no workload")
    assert (found["d"].word, found["d"].reason) == ("undecided", "a single pair of runs shows no spread")
    few = paired({"a": 0.0, "b": 1.0}, workloads=1, seeds=5)
    assert versus(few, "a")[0].reason == "5 pairs are too few to decide anything"


def comparison(a, b, word):
    return Comparison(a, b, *[NAN] * 6, 1.0, 1.0, word, 10, 1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"ab": "faster", "ac": "faster", "bc": "undecided"}, "a < b, c"),
        ({"ab": "slower", "ac": "undecided", "bc": "faster"}, "b < a, c"),
        ({"ab": "undecided", "ac": "faster", "bc": "undecided"}, "a, b, c"),  # a chain
        ({"ab": "equal", "ac": "worse", "bc": "worse"}, "c < a, b"),
        ({"ab": "faster", "ac": "faster", "bc": "faster"}, "a < b < c"),
        ({"ab": "faster", "ac": "slower", "bc": "faster"}, "a, b, c"),  # a circle
        ({}, "a, b, c"),
    ],
)
def test_groups(words, expected):
    found = groups("abc", [comparison(*pair, word) for pair, word in words.items()])
    assert str(found) == expected
    assert found.equal == [tuple(pair) for pair, word in words.items() if word == "equal"]


def test_what_is_known_within_a_group_is_kept():
    ahead = [comparison(*pair, "faster") for pair in ("ac", "ad", "bd", "cd")]
    found = groups("abcd", [*ahead, comparison("b", "c", "undecided")])
    assert found.order == [["a", "b", "c"], ["d"]]
    assert found.within == [("a", "c")]


def test_everybody_in_a_group_is_ahead_of_everybody_in_later_ones():
    rng = np.random.default_rng(0)
    names = "abcdef"
    for _ in range(200):
        place = dict(zip(names, rng.normal(size=6), strict=True))
        words = {
            (a, b): "undecided" if abs(place[a] - place[b]) < 0.4 else "faster" if place[a] < place[b] else "slower"
            for i, a in enumerate(names) for b in names[i + 1 :]
        }  # fmt: skip
        found = groups(names, [comparison(a, b, word) for (a, b), word in words.items()])
        # on a line, groups are the stretches between gaps of 0.4 and more
        ordered = sorted(place, key=place.get)
        cuts = [i + 1 for i in range(5) if place[ordered[i + 1]] - place[ordered[i]] >= 0.4]
        expected = [set(part) for part in np.split(np.array(ordered), cuts)]
        assert [set(group) for group in found.order] == expected
