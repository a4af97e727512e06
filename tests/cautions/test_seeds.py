"""Too few seeds: what a test could have said, and what the spread would need."""

import math

import numpy as np
import pytest

from optbench.cautions.seeds import PAIRS, few_pairs, undecided
from optbench.statistics import sign_flip


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


def test_intervals_that_overlap(make):
    trials = make.trials(*(make.rows(n, steps=[9] * 8) for n in "ab"))
    (caution,) = undecided(trials, make.board((0.8, 0.6, 0.9), (0.7, 0.5, 0.8)))
    # half-widths 0.2 and 0.1 of 8 seeds against a difference of 0.1: 3^2 times as many
    assert "about 72 seeds" in caution.message
    assert caution.message.startswith("a and b are not told apart")
    assert not list(undecided(trials, make.board((0.9, 0.8, 1.0), (0.7, 0.6, 0.75))))


def test_no_number_of_seeds_tells_equals_apart(make):
    trials = make.trials(*(make.rows(n, steps=[9] * 8) for n in "ab"))
    for first in ((0.7, 0.5, 0.8), (0.7001, 0.5, 0.8)):
        (caution,) = undecided(trials, make.board(first, (0.7, 0.5, 0.8)))
        assert "more than 1000 seeds" in caution.message


def test_no_ranking_no_caution(make):
    apart = make.trials(make.rows("a", "v"), make.rows("b", "w"))
    overlap = make.board((0.8, 0.6, 0.9), (0.7, 0.5, 0.8))
    assert not list(undecided(apart, overlap))  # candidates of different workloads are not ranked
    both = make.trials(*map(make.rows, "ab"))
    assert not list(undecided(both, None))
    assert not list(undecided(both, make.board((0, 0, 0), (0, 0, 0))))  # nobody solved anything
    nan = (math.nan,) * 3
    assert not list(undecided(both, make.board(nan, nan)))
