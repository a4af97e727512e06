"""Too few seeds: what a test could have said, and what the spread would need."""

import math
import re

import numpy as np
import pytest

from optbench.statistics import paired_effect, sign_flip
from optbench.statistics.cautions.seeds import PAIRS, few_pairs, undecided


def test_the_least_number_is_that_of_the_test():
    best = [np.full(n, 1.0) for n in (PAIRS - 1, PAIRS)]
    assert [sign_flip([group]) <= 0.05 for group in best] == [False, True]


@pytest.mark.parametrize(("seeds", "words"), [(1, "a single run"), (5, "2/2^5 = 0.0625"), (6, ""), (20, "")])
def test_pairs(make, seeds, words):
    messages = [c.message for c in few_pairs(make.trials(*(make.rows(n, steps=[9] * seeds) for n in "ab")))]
    assert len(messages) == bool(words)
    assert all(words in m and "--seeds 6 can" in m for m in messages)


def test_studies_are_pairs_too(make):
    two = make.trials(*(make.rows(n, steps=[9] * 2, study=s) for n in "ab" for s in (0, 1)))
    (caution,) = few_pairs(two)
    assert "4 paired runs" in caution.message
    assert "--seeds 3 can" in caution.message
    assert not list(few_pairs(make.trials(*(make.rows(n, steps=[9] * 3, study=s) for n in "ab" for s in (0, 1)))))


def test_all_workloads_are_told_once_and_single_ones_by_name(make):
    every = make.trials(*(make.rows(n, w, steps=[9] * 3) for n in "ab" for w in "vw"))
    assert [c.workload for c in few_pairs(every)] == [""]
    one = make.trials(*(make.rows(n, w, steps=[9] * k) for n in "ab" for w, k in (("v", 3), ("w", 8))))
    assert [c.workload for c in few_pairs(one)] == ["v"]


def test_one_candidate_is_compared_with_nobody(make):
    assert not list(few_pairs(make.trials(make.rows("a", steps=[9]))))


def test_the_first_two_not_told_apart(make):
    trials = make.trials(*(make.rows(n, steps=[9] * 8) for n in "ab"))
    # a logarithm of -0.1 with a half-width of 0.3, of 8 seeds: 3^2 times as many
    (caution,) = undecided(trials, make.standing(*np.exp([-0.1, -0.4, 0.2])))
    assert caution.message.startswith("a and b, the first two, are not told apart")
    assert caution.message.endswith(("at least 72 seeds would be needed", "at least 73 seeds would be needed"))
    (caution,) = undecided(trials, make.standing(0.1, -0.1, 0.3, unit="difference"))
    assert "at least 32 seeds" in caution.message or "at least 33 seeds" in caution.message
    assert not list(undecided(trials, make.standing(0.5, 0.4, 0.6, "better")))


def test_the_number_is_that_of_the_interval(make):
    """With so many seeds of the same spread, Student's interval leaves no difference out."""
    differences = np.array([0.3, -0.1, 0.2, -0.2, 0.1, 0.0, 0.25, -0.15])
    found = paired_effect([differences])
    trials = make.trials(*(make.rows(n, steps=[9] * 8) for n in "ab"))
    standing = make.standing(found.mean, found.low, found.high, unit="difference")
    (caution,) = undecided(trials, standing)
    need = int(re.search(r"at least (\d+) seeds", caution.message)[1])
    more = paired_effect([np.tile(differences, -(-need // 8))])
    assert found.low < 0 < more.low


def test_no_number_of_seeds_tells_equals_apart(make):
    trials = make.trials(*(make.rows(n, steps=[9] * 8) for n in "ab"))
    for effect in (1.0, 1.001):
        (caution,) = undecided(trials, make.standing(effect, 0.7, 1.4))
        assert "more than 1000 seeds" in caution.message


def test_no_ranking_no_caution(make):
    apart = make.trials(make.rows("a", "v"), make.rows("b", "w"))
    level = make.standing(0.9, 0.7, 1.2)
    assert not list(undecided(apart, level))  # candidates of different workloads are not ranked
    both = make.trials(*map(make.rows, "ab"))
    assert not list(undecided(both, None))
    assert not list(undecided(both, make.standing(1.0, 1.0, 1.0)))  # nobody solved anything
    assert not list(undecided(both, make.standing(0.9, math.nan, math.nan)))  # a single seed
