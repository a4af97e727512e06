"""Too few seeds: what a test could have said, and what the spread would need."""

import math
import re

import numpy as np
import pytest

from optbench.statistics import power, sign_flip
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


def test_a_question_that_is_open(make):
    (caution,) = undecided(make.standing(0.9))
    assert caution.message.startswith("a and b are not told apart in speed; about ")
    (caution,) = undecided(make.standing(0.1, unit="difference", focus=["a"]))
    assert caution.message.startswith("a and b are not told apart in the result; about ")
    for word in ("faster", "slower", "equal"):
        assert not list(undecided(make.standing(0.9, word)))


@pytest.mark.parametrize(("effect", "unit"), [(0.9, "ratio"), (1.2, "ratio"), (0.07, "difference")])
def test_so_many_seeds_would_tell_such_a_difference(make, effect, unit):
    (caution,) = undecided(make.standing(effect, unit=unit))
    need = int(re.search(r"about (\d+) seeds", caution.message)[1])
    size = math.log(effect) if unit == "ratio" else effect
    assert power(size, [0.3], need) >= 0.8 > power(size, [0.3], need - 1)


def test_no_number_of_seeds_tells_equals_apart(make):
    for effect in (1.0, 1.001):
        (caution,) = undecided(make.standing(effect))
        assert "more than 1000 seeds" in caution.message


def test_no_question_no_caution(make):
    assert not list(undecided(None))
    assert not list(undecided(make.standing(1.0, noise=0.0)))  # nobody solved anything
    assert not list(undecided(make.standing(0.9, focus=["b"])))  # the baseline itself
