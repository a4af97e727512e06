"""Both sides of a claim in absolute values: they differ by the effect, and say who missed and who failed."""

import math

import numpy as np
import pytest
import scipy.stats

from optbench.statistics.claim_sides import pairs_to_decide, sides
from optbench.statistics.claims import judge
from optbench.statistics.level import Level

from .test_claims import BASE, BUDGET, INF, NAN, STEP, arm, claim, table


def test_both_sides_differ_by_the_effect():
    trials = table(arm("a", BASE + STEP), arm("b", BASE))
    (found,) = sides(claim(), trials)
    assert found.better == pytest.approx((BASE + STEP).mean())
    assert found.better - found.worse == pytest.approx(judge(claim(), trials).effect)
    assert found.noise == pytest.approx(STEP.std(ddof=1))
    assert (found.missed, found.failed, found.runs) == ((0, 0), (0, 0), (10, 10))


def test_misses_and_failures_are_those_of_their_side():
    steps = table(
        arm("a", [10.0, 20.0, INF], metric="steps_to_target"), arm("b", [50.0, INF, INF], metric="steps_to_target")
    )
    (found,) = sides(claim("steps_to_target"), steps)
    assert found.missed == (1, 2)
    assert found.better == pytest.approx((10 + 20 + BUDGET + 1) / 3)
    (found,) = sides(claim(), table(arm("a", [0.9, 0.9, 0.9]), arm("b", [0.8, NAN, 0.8])))
    assert found.failed == (0, 1)
    assert found.worse == pytest.approx(1.6 / 3)


def test_a_workload_each_also_where_effects_are_shares():
    trials = table(
        *(arm(name, values, workload, "final_test_loss")
          for workload, scale in (("w", 1.0), ("v", 100.0))
          for name, values in (("a", scale * BASE), ("b", 2 * scale * BASE)))
    )  # fmt: skip
    found = sides(claim("final_test_loss", workload=None, workloads=["w", "v"]), trials)
    assert [one.workload for one in found] == ["w", "v"]
    assert [one.better for one in found] == pytest.approx([BASE.mean(), 100 * BASE.mean()])
    assert found[0].noise == pytest.approx(found[1].noise)


def test_what_cannot_be_judged_has_no_sides():
    trials = table(arm("a", BASE), arm("b", BASE))
    assert sides(claim("steps_to_nowhere"), trials) == []
    assert sides(claim(), trials, Level(0.05, 0.05, 0)) == []
    assert sides(claim(than={"better": "c", "worse": "d"}), trials) == []


def test_pairs_that_decide_a_difference_have_the_power_that_is_said():
    (found,) = sides(claim(), table(arm("a", BASE + STEP), arm("b", BASE)))
    effect = 0.4 * found.noise
    pairs = pairs_to_decide(claim(), effect, [found])
    assert pairs is not None

    def power(count):
        return scipy.stats.nct.sf(scipy.stats.t.isf(0.025, count - 1), count - 1, 0.4 * math.sqrt(count))

    assert power(pairs) >= 0.8 > power(pairs - 1)


def test_pairs_that_decide_an_equality_put_the_interval_within_the_margin():
    equal = claim(expect="equivalence", margin=0.02)
    rng = np.random.default_rng(3)
    (found,) = sides(equal, table(arm("a", BASE + rng.normal(0, 0.03, 10)), arm("b", BASE)))
    pairs = pairs_to_decide(equal, 0.005, [found])
    assert pairs is not None
    drawn = rng.normal(0.005, found.noise, (4000, pairs))
    half = scipy.stats.t.isf(0.025, pairs - 1) * drawn.std(axis=1, ddof=1) / math.sqrt(pairs)
    within = (np.abs(drawn.mean(axis=1)) + half <= 0.02).mean()
    assert 0.76 < within < 0.86


def test_no_number_of_pairs_decides_nothing():
    (found,) = sides(claim(), table(arm("a", BASE + STEP), arm("b", BASE)))
    assert pairs_to_decide(claim(), 0.0, [found]) is None
    assert pairs_to_decide(claim(margin=0.1), 0.1, [found]) is None
    assert pairs_to_decide(claim(), 0.1, []) is None
