"""Tuning-free: nothing is searched by any way in, and a suite may not ask for both."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.contract.errors import OptbenchError
from optbench.report.terminal.lines import ruleset_lines
from optbench.suite import parse, validate
from optbench.tuning import planned, space

SUITE = """
title = "T"
seeds = 3
{}
[[workloads]]
name = "digits"
dataset = "digits"
network = "mlp"
epochs = 4
[[workloads]]
name = "digits-long"
variant_of = "digits"
epochs = 8
[[candidates]]
name = "sgd"
optimizer = "sgd"
[[candidates]]
name = "own"
optimizer = {{ name = "adam", beta1 = 0.8 }}
[[candidates]]
name = "wrapped"
optimizer = {{ name = "lookahead", inner = {{ name = "sgd", lr = 0.5 }} }}
regularizers = ["l2"]
"""
FREE = 'ruleset = "tuning-free"'


def suite(registry, *lines, more=""):
    return parse(SUITE.format("\n".join(lines)) + more, "s.toml", registry)


def test_every_candidate_runs_as_it_is(registry):
    free = suite(registry, FREE)
    assert (free.ruleset, free.tuning.method) == ("tuning-free", "none")
    for workload, candidate in free.pairs():
        assert not space(candidate, workload, free.tuning)
    assert free.candidate("own").optimizer["beta1"] == 0.8
    assert free.candidate("own").optimizer["lr"] == 0.001  # as the component declares
    assert planned(free) == 3 * 3 * 2
    assert validate(free.model_dump(mode="json"), "store", registry) == free


def test_any_suite_can_be_run_so_and_none_the_other_way(registry):
    tuned = suite(registry)
    limited = tuned.limited(registry, ruleset="tuning-free")
    assert limited == suite(registry, FREE).limited(registry)
    assert tuned.limited(registry, ruleset="tuned") == tuned.limited(registry)
    with pytest.raises(OptbenchError, match="says nothing about tuning"):
        suite(registry, FREE).limited(registry, ruleset="tuned")
    with pytest.raises(OptbenchError, match="'tuning-free'"):
        tuned.limited(registry, ruleset="tuning-fre")


def test_an_optimizer_by_its_name_is_as_it_is_too(registry):
    free = suite(registry, FREE).limited(registry, candidates=["adam"])
    assert free.candidate("adam").optimizer["search"] == {}


@settings(deadline=None, max_examples=25)
@given(
    method=st.sampled_from(["quasirandom", "random", "grid", "halving", "tpe"]),
    trials=st.integers(1, 30),
    studies=st.integers(1, 3),
    own=st.sampled_from(["", 'tuning = { method = "grid" }', "batch_size = { low = 8, high = 64 }"]),
)
def test_whatever_the_tuning_nothing_is_tuned(registry, method, trials, studies, own):
    lines = f'[tuning]\nmethod = "{method}"\ntrials = {trials}\nstudies = {studies}'
    more = f'[[candidates]]\nname = "more"\noptimizer = {{ name = "adam", search = ["lr"] }}\n{own}'
    free = suite(registry, lines, more=more).limited(registry, ruleset="tuning-free")
    assert planned(free) == studies * 4 * 3 * 2


@pytest.mark.parametrize(
    ("lines", "more", "expected"),
    [
        ('ruleset = "tuningfree"', "", ["ruleset", "tuning-free"]),
        (f'{FREE}\n[tuning]\nmethod = "grid"', "", ["tuning.method", "'grid'", "nothing is searched"]),
        (FREE, 'optimizer = { name = "adam", search = ["lr"] }', ['"more": optimizer: search']),
        (FREE, 'regularizer = { name = "l2", search = ["strength"] }', ['"more": regularizer: search']),
        (FREE, "batch_size = { low = 8, high = 64 }", ['"more": batch_size', "give a number"]),
        (FREE, 'tuning = { method = "random" }', ['"more": tuning.method', "'random'"]),
    ],
)
def test_what_is_refused(registry, lines, more, expected):
    with pytest.raises(OptbenchError) as caught:
        suite(registry, lines, more=f'[[candidates]]\nname = "more"\n{more}')
    for part in ["s.toml", *expected]:
        assert part in str(caught.value)


def test_the_terminal_says_so(registry):
    assert "tuning-free" in ruleset_lines(suite(registry, FREE).model_dump(mode="json"))[0]
    assert ruleset_lines(suite(registry).model_dump(mode="json")) == []
