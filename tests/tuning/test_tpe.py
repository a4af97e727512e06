"""TPE through Optuna: equal budgets, the same proposals again, and that it learns from what it is told."""

import builtins
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import Hyper
from optbench.trials.confirmation import confirming
from optbench.trials.seeds import tuning_seed
from optbench.tuning import require, study, tpe
from optbench.tuning.scales import to_unit

needs_optuna = pytest.mark.skipif(
    __import__("importlib.util").util.find_spec("optuna") is None, reason="needs the optuna extra"
)
RATE = Hyper(0.1, 1e-4, 10.0, "log")
FORM = Hyper("a", scale="choice", choices=("a", "b", "c"))
WINDOW = Hyper(3, 1, 5, "integer")
HYPERS = {"optimizer.lr": RATE, "optimizer.form": FORM, "optimizer.window": WINDOW}


def value(u):
    return {"optimizer.lr": 10 ** (-4 + 5 * u), "optimizer.form": "abc"[int(2.99 * u)], "optimizer.window": 3}


@needs_optuna
def test_a_proposal_lies_in_the_space_and_is_a_function_of_what_it_is_told():
    tried = [value(u) for u in (0.1, 0.3, 0.6, 0.9)]
    found = [tpe.propose(HYPERS, tried, [1, 0, 2, 3], np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert found[0] == found[1] != found[2]
    assert list(found[0]) == list(HYPERS)
    assert 1e-4 <= found[0]["optimizer.lr"] <= 10
    assert found[0]["optimizer.form"] in "abc"
    assert found[0]["optimizer.window"] in range(1, 6)


@needs_optuna
def test_it_learns():
    """Proposals lie near the best told one: closer than draws by chance would."""
    hypers = {"lr": RATE}
    tried = [{"lr": 10 ** (-4 + 5 * u)} for u in np.linspace(0.03, 0.97, 16)]
    distance = [abs(to_unit(RATE, t["lr"]) - 0.7) for t in tried]
    order = sorted(range(16), key=distance.__getitem__)
    drawn = [tpe.propose(hypers, tried, order, np.random.default_rng(seed)) for seed in range(20)]
    assert np.median([abs(to_unit(RATE, d["lr"]) - 0.7) for d in drawn]) < 0.12  # by chance 0.25


@needs_optuna
def test_a_small_space_ends():
    hypers = {"form": FORM}
    tried = [{"form": c} for c in "abc"]
    assert tpe.propose(hypers, tried, [0, 1, 2], np.random.default_rng(0)) is None
    assert tpe.propose(hypers, tried[:2], [0, 1], np.random.default_rng(0)) == {"form": "c"}


@pytest.mark.parametrize(("trials", "expected"), [(1, 1), (2, 1), (7, 4), (8, 4), (20, 10), (500, 10)])
def test_half_of_a_small_budget_is_drawn(trials, expected):
    assert tpe.first(trials) == expected


# ------------------------------------------------------------------------------------------------------ whole studies


def rate(trial):
    """Settings by path of the optimizer, and of the batch size."""
    optimizer = trial.components["optimizer"]
    return optimizer.get("lr", optimizer.get("inner", {}).get("lr"))


def score(trial):
    return -abs(math.log10(rate(trial)) + 2)


def drive(suite, registry, run_of, candidate, workload="digits", number=0, stored=None, stop=math.inf):
    """Runs a study to its end, or to an interruption after `stop` trials; `stored` runs are taken as they are."""
    stored = {} if stored is None else stored
    generator = study(suite, suite.workload(workload), suite.candidate(candidate), number, registry)
    batches, runs = [], None
    while True:
        try:
            batch = next(generator) if runs is None else generator.send(runs)
        except StopIteration as end:
            return batches, end.value
        batches.append(batch)
        for a in batch.assignments:
            if len(stored) >= stop:
                return batches, None
            stored.setdefault(a.trial.key, run_of((0, 0.0, 1.0), (10, score(a.trial), 0.5)))
        runs = {a.trial.key: stored[a.trial.key] for a in batch.assignments}


@needs_optuna
@settings(deadline=None, max_examples=15)
@given(
    trials=st.integers(1, 9),
    number=st.integers(0, 2),
    candidate=st.sampled_from(["sgd", "rate", "crossed"]),
    stop=st.integers(0, 12),
)
def test_the_budget_is_equal_and_resuming_gives_the_same(suite_of, registry, run_of, trials, number, candidate, stop):
    suite = suite_of(f'method = "tpe"\ntrials = {trials}\nstudies = 3')
    batches, selected = drive(suite, registry, run_of, candidate, number=number)
    tune = [a for b in batches[:-1] for a in b.assignments]
    assert [a.number for a in tune] == list(range(trials))
    assert {a.trial.seed for a in tune} == {tuning_seed(number)}
    assert len({a.trial.key for a in tune}) == trials
    assert selected is max(tune, key=lambda a: score(a.trial))
    assert batches[-1].selected is selected
    assert [len(b.assignments) for b in batches] == [tpe.first(trials), *[1] * (trials - tpe.first(trials)), 3]
    # interrupted anywhere, and gone on with from the store
    stored = {}
    drive(suite, registry, run_of, candidate, number=number, stored=stored, stop=stop)
    again, _ = drive(suite, registry, run_of, candidate, number=number, stored=stored)
    assert again == batches


@needs_optuna
def test_it_starts_with_the_points_of_a_quasirandom_search_and_differs_by_study(suite_of, registry, run_of):
    suite = suite_of('method = "tpe"\ntrials = 8\nstudies = 2')
    batches, _ = drive(suite, registry, run_of, "sgd")
    drawn, _ = drive(suite_of("trials = 8"), registry, run_of, "sgd")
    assert batches[0].assignments == drawn[0].assignments[:4]
    other, _ = drive(suite, registry, run_of, "sgd", number=1)
    assert not {a.trial.key for b in other for a in b.assignments[:1]} & {a.trial.key for a in batches[4].assignments}


@needs_optuna
def test_the_best_few_are_confirmed_within_the_budget(suite_of, registry, run_of):
    suite = suite_of('method = "tpe"\ntrials = 9\nfinalists = 2\nconfirm = 2')
    batches, selected = drive(suite, registry, run_of, "sgd")
    assert [len(b.assignments) for b in batches] == [3, 1, 1, 4, 3]
    tune = [a for b in batches[:-1] for a in b.assignments]
    assert [a.number for a in tune] == list(range(9))
    assert [confirming(a.trial.seed) for a in tune] == [False] * 5 + [True] * 4
    best = sorted(tune[:5], key=lambda a: -score(a.trial))[:2]
    assert [a.trial.components for a in tune[5:]] == [b.trial.components for b in best for _ in range(2)]
    assert selected in best


@needs_optuna
def test_one_candidate_of_many(suite_of, registry, run_of):
    """A candidate's own method, on the suite's budget."""
    suite = suite_of("trials = 6", '[[candidates]]\nname = "own"\noptimizer = "sgd"\ntuning = { method = "tpe" }')
    batches, _ = drive(suite, registry, run_of, "own")
    assert [len(b.assignments) for b in batches] == [3, 1, 1, 1, 3]


def test_without_optuna_it_says_what_to_install(suite_of, monkeypatch):
    real = builtins.__import__

    def missing(name, *arguments, **more):
        if name.split(".")[0] == "optuna":
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(OptbenchError, match=r'pip install "optbench\[optuna\]"'):
        require(suite_of('method = "tpe"'))
    require(suite_of('method = "random"'))
    # nothing is searched: nothing is needed
    require(suite_of("trials = 3"))
