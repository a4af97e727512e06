"""Decisions while seeds are added: they stay, false ones are rare, and effects after stopping are right."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats

from optbench.statistics import Paired, paired_effect
from optbench.statistics.equality import log_margin
from optbench.statistics.flips import patterns
from optbench.statistics.looks import Plan, _boundaries, decide, rounds
from optbench.statistics.many import max_t
from optbench.statistics.spending import boundaries, exits
from optbench.statistics.stopped import after_stopping, estimate

SEEDS = (6, 9, 14, 20, 30)
MARGIN = log_margin(0.05)


def paired(effects, seeds=SEEDS[-1], workloads=3, noise=0.1, seed=0):
    rng = np.random.default_rng(seed)
    values = np.concatenate([[0.0], -np.asarray(effects, dtype=float)])[:, None, None]
    values = values + noise / math.sqrt(2) * rng.normal(size=(len(effects) + 1, workloads, seeds))
    names = ["mine", *(f"o{i}" for i in range(len(effects)))]
    return Paired(names, [f"w{i}" for i in range(workloads)], values, np.zeros(values.shape, dtype=bool), True)


def first(pairs, n):
    return Paired(pairs.candidates, pairs.workloads, pairs.values[:, :, :n], pairs.missed[:, :, :n], pairs.ratio)


def asked(pairs):
    return [("mine", name) for name in pairs.candidates[1:]]


def test_rounds_grow_up_to_the_limit():
    assert rounds(6, 60) == (6, 9, 14, 20, 30, 46, 60)
    assert rounds(6, 6) == (6,)
    assert rounds(2, 5, 1.01) == (2, 3, 4, 5)
    with pytest.raises(ValueError, match="first"):
        rounds(1, 5)
    with pytest.raises(ValueError, match="rising"):
        Plan((6, 6))


@pytest.mark.parametrize("spending", ["pocock", "obrien-fleming"])
def test_a_decision_stays_whenever_one_asks(spending):
    """What a run decided look by look is what is decided from all its seeds, asked again."""
    plan = Plan(SEEDS, MARGIN, spending=spending)
    words = set()
    for seed in range(4):
        pairs = paired([0.0, 0.02, -0.06, 0.1, -0.3], seed=seed)
        whole = decide(pairs, asked(pairs), plan, 400)
        for looks, n in enumerate(SEEDS, start=1):
            for more in (0, 2):  # seeds beyond a look wait for the next
                now = decide(first(pairs, n + more), asked(pairs), plan, 400)
                assert now.looks == looks or n + more >= 30
                for then, last in zip(now.decisions, whole.decisions, strict=True):
                    expected = last if 0 < last.look <= looks else None
                    assert then == expected or (expected is None and (then.look, then.word) == (0, "undecided"))
                done = all(d.look for d in now.decisions) or looks == len(SEEDS)
                assert now.next == (None if done else SEEDS[looks])
        words |= {d.word for d in whole.decisions}
        assert all(d.seeds == SEEDS[d.look - 1] for d in whole.decisions if d.look)
    assert words >= {"faster", "slower", "equal"}


def test_before_the_first_look_all_is_open():
    pairs = paired([0.5], seeds=5)
    now = decide(pairs, asked(pairs), Plan(SEEDS))
    assert (now.looks, now.next, now.decisions[0].word) == (0, 6, "undecided")
    assert decide(pairs, [], Plan(SEEDS)).next is None


def test_one_look_at_all_seeds_is_the_fixed_test():
    for seed in range(8):
        pairs = paired([0.0, 0.03, 0.05, -0.05], seeds=12, seed=seed)
        now = decide(pairs, asked(pairs), Plan((12,)))
        tables = np.stack([pairs.table(0, b) for b in range(1, 5)], axis=-1)
        p = max_t(list(tables)).adjusted
        sure = np.abs(p - 0.05) > 0.001
        told = np.array([d.word != "undecided" for d in now.decisions])
        np.testing.assert_array_equal(told[sure], (p <= 0.05)[sure])


def test_boundaries_spend_what_they_may_of_all_patterns():
    """All patterns of 6 and then 9 pairs, one by one: as many exits as may be, and not one more."""
    plan = Plan((6, 9), spending="pocock", alpha=0.2)
    x = np.random.default_rng(0).normal(size=9)
    signs = np.array(list(itertools.product((1, -1), repeat=9)))
    t = np.abs([scipy.stats.ttest_1samp(signs[:, :n] * x[:n], 0, axis=1).statistic for n in (6, 9)])
    z = _boundaries(t, plan, 0.2, 2)
    one = t[0] > z[0]
    two = ~one & (t[1] > z[1])
    assert one.sum() <= plan.allowed(0, 0.2, 2) * 512 < one.sum() + 16  # equal |t| of the first 6 come by 16
    assert one.sum() + two.sum() <= 0.2 * 512 < one.sum() + two.sum() + 3


def test_of_many_pairs_boundaries_are_those_of_a_normal_score():
    rng = np.random.default_rng(1)
    plan = Plan((60, 90, 150, 300))
    signs, _ = patterns([300], 10_000, exact=0)
    x = rng.normal(size=300)
    sums = np.abs([(signs[0][:, :n] @ x[:n]) / np.sqrt((x[:n] ** 2).sum()) for n in plan.seeds])
    shares = np.array(plan.seeds) / 300
    assert _boundaries(sums, plan, 0.05, 2) == pytest.approx(boundaries(shares, 0.05, "pocock"), abs=0.12)


@pytest.mark.parametrize(("others", "effects"), [(1, 0.0), pytest.param(4, 0.0, marks=pytest.mark.slow), (2, MARGIN)])
def test_false_words_are_rare_however_often_one_looks(others, effects):
    """Equals told apart; at the margin, called equal."""
    runs, false = 200, 0
    plan = Plan(SEEDS, MARGIN)
    for seed in range(runs):
        pairs = paired([effects] * others, noise=0.2, seed=1000 + seed)
        words = [d.word for d in decide(pairs, asked(pairs), plan, 200).decisions]
        false += any(word in (("equal", "faster") if effects else ("faster", "slower")) for word in words)
    assert false / runs <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)


def test_equal_ones_stop_and_targets_that_nobody_meets_do_not():
    pairs = paired([0.0], noise=0.02)
    assert decide(pairs, asked(pairs), Plan(SEEDS, MARGIN)).decisions[0] == decide(
        first(pairs, 6), asked(pairs), Plan(SEEDS, MARGIN)
    ).decisions[0]
    assert decide(pairs, asked(pairs), Plan(SEEDS)).decisions[0].word == "undecided"
    nobody = Paired(pairs.candidates, pairs.workloads, pairs.values * 0 + 5, ~pairs.missed, True)
    assert decide(nobody, asked(pairs), Plan(SEEDS, MARGIN)).decisions[0].word == "undecided"


# ------------------------------------------------------------------------------------------ effects after stopping


def test_at_the_first_look_the_effect_is_what_was_seen():
    one = after_stopping(0.3, 0.1, [6], [])
    assert (one.effect, one.low, one.high) == pytest.approx((0.3, *scipy.stats.norm(0.3, 0.1).interval(0.95)))
    assert after_stopping(0.3, 0.0, [6, 9], [2.0]).effect == 0.3


def test_later_it_is_closer_to_nothing_and_mirrored():
    one, other = (after_stopping(mean, 0.1, [6, 9, 14], [2.6, 2.7]) for mean in (0.3, -0.3))
    assert 0.2 < one.effect < one.naive == 0.3
    assert (one.effect, one.low, one.high) == pytest.approx((-other.effect, -other.high, -other.low), abs=1e-6)
    assert after_stopping(0.0, 0.1, [6, 9, 14], [2.6, 2.7]).effect == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_effect_and_interval_are_what_their_definition_says():
    """By simulation: half of the estimates lie above the truth, and 95 % of the intervals hold it."""
    rng = np.random.default_rng(2)
    shares, truth, walks = np.array([6.0, 9, 14, 20]), 0.5, 400
    z = boundaries(shares / 20, 0.05, "pocock")
    steps = np.diff(shares, prepend=0)
    score = np.cumsum(truth * steps + np.sqrt(steps) * rng.normal(size=(walks, 4)), axis=1)
    above = covered = naive = 0
    for s in score:
        stop = next((i for i in range(4) if abs(s[i]) >= z[i] * math.sqrt(shares[i])), 3)
        one = after_stopping(s[stop] / shares[stop], 1 / math.sqrt(shares[stop]), shares[: stop + 1], z[:stop])
        above += one.effect > truth
        naive += one.naive > truth
        covered += one.low <= truth <= one.high
    assert above / walks == pytest.approx(0.5, abs=0.075)
    assert naive > above + 0.02 * walks
    assert covered / walks == pytest.approx(0.95, abs=0.033)
    assert sum(map(np.sum, exits(shares, z, truth))) < 1


def test_estimates_are_corrected_where_the_last_look_decided():
    pairs = paired([-0.08, 0.3], seed=6)
    plan = Plan(SEEDS)
    late, early = decide(pairs, asked(pairs), plan).decisions
    assert early.look == 1 < late.look
    there = first(pairs, late.seeds)
    seen = paired_effect(there.differences(0, 1))
    one = estimate(there, late, plan)
    assert one.naive == seen.mean
    assert abs(one.effect) < abs(seen.mean)
    other = estimate(there, early, plan)  # nine and more seeds came that do not know of it
    plain = paired_effect(there.differences(0, 2))
    assert (other.effect, other.low, other.high) == (plain.mean, plain.low, plain.high)
