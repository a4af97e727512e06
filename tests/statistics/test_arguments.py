"""Arguments of the public functions of statistics, given what they cannot be: one message that names the argument."""

import inspect

import numpy as np
import pandas as pd
import pytest

from optbench import OptbenchError, statistics
from optbench.referee.synthetic import synthetic_store
from optbench.results.results import Results
from optbench.statistics.arguments import FREE, rule_of

FUNCTIONS = {
    name: function for name in statistics.__all__ if inspect.isfunction(function := getattr(statistics, name))
}
CASES = [(name, argument) for name in FUNCTIONS for argument in inspect.signature(FUNCTIONS[name]).parameters]
HOSTILE = [
    object(), OptbenchError, -1.5, float("nan"), float("inf"), 10**400, "a\nb\0", b"x", [object()], [[1], [1, 2]],
    {1: object()}, {"a": object()}, ["cat", 1], np.array("x"), np.array(["x"]), pd.Timestamp(0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "argument"), CASES, ids=[f"{n}-{a}" for n, a in CASES])
def test_what_it_cannot_be_is_refused_by_name(name, argument):
    if (name, argument) in FREE:
        return
    function, refused = FUNCTIONS[name], 0
    for value in HOSTILE:
        try:
            function(**{argument: value})  # that others are missing is told by a TypeError where this one was taken
        except OptbenchError as error:
            refused += 1
            expected, told = argument, str(error)
        except TypeError as error:
            expected, told = "missing", str(error)
        else:
            continue
        assert expected in told, (value, told)
    assert refused > len(HOSTILE) // 2


def test_every_argument_has_a_rule():
    for name, argument in CASES:
        parameter = inspect.signature(FUNCTIONS[name]).parameters[argument]
        assert rule_of(name, parameter) or (name, argument) in FREE, f"{name}({argument}): see statistics/arguments.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    synthetic_store(folder, ["sgd", "adam", "lion"], 2, seeds=4, trials=3)
    return Results(folder)


def test_numpys_scalars_and_lists_are_welcome(results):
    trials = results.trials
    plain = statistics.leaderboard(trials, "sgd", "steps", 50, 3)
    numpys = statistics.leaderboard(trials, np.str_("sgd"), np.str_("steps"), np.int64(50), np.uint8(3))
    pd.testing.assert_frame_equal(plain, numpys)
    assert statistics.t_interval([1, 2, 4.0], np.float32(0.5)) == statistics.t_interval(np.array([1, 2, 4.0]), 0.5)
    pairs = statistics.seed_pairs(trials)
    versus = statistics.versus(pairs, "adam", np.array(["sgd"]), alpha=np.float64(0.1), draws=np.int32(100))
    assert [c.against for c in versus] == ["sgd"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t, p: statistics.t_interval([1, 2], 95), r"confidence must be a number in \(0, 1\), got 95"),
        (lambda t, p: statistics.verdict(t, alpha=5), r"alpha must be a number in \(0, 1\), got 5"),
        (lambda t, p: statistics.seed_pairs(t, "stpes"), "by must be 'steps' or .*, got 'stpes'; did you mean 'steps'"),
        (lambda t, p: statistics.target_ecdf(t, t, by="epochs"), "by must be 'steps' or 'gradients' or 'seconds', got"),
        (lambda t, p: statistics.versus(p, "adm"), "candidate: there is no candidate 'adm'; did you mean 'adam'"),
        (lambda t, p: statistics.versus(p, "adam", ["sdg"]), "others: there is no candidate 'sdg'; did you mean 'sgd'"),
        (lambda t, p: statistics.versus(p, "adam", "sgd"), r"others must be a list of names, got 'sgd'"),
        (lambda t, p: statistics.versus(p, "adam", margin=-1), r"margin must be a number in \(0, inf\), got -1"),
        (lambda t, p: statistics.versus(t, "adam"), "pairs must be a Paired of optbench.statistics"),
        (lambda t, p: statistics.verdict("runs"), r"trials must be a pandas table, such as results.trials, got 'runs'"),
        (lambda t, p: statistics.verdict(t, margins={"x": 0}), r"margins\['x'\] must be a number in \(0, inf\), got 0"),
    ],
)
def test_what_is_told(call, message, results):
    trials = results.trials
    with pytest.raises(OptbenchError, match=message):
        call(trials, statistics.seed_pairs(trials))
