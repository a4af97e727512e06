"""What candidates got, where it differs; the same on every workload is told once."""

import pytest

from optbench.statistics.cautions.unequal import everywhere, unequal


def found(suite, trials):
    return [(c.workload, c.candidate, c.message) for c in everywhere(unequal(suite, trials), trials)]


@pytest.fixture
def suite(make):
    return make.suite(*map(make.candidate, "abc"), workloads="vw")


def table(make, odd=None, **columns):
    """Three candidates on two workloads; "c" is different."""
    return make.trials(
        *(make.rows(n, w, **(columns if n == "c" and w in (odd or "vw") else {})) for n in "abc" for w in "vw")
    )


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"tuned": 5}, "was tuned with 5 trials, others with 8"),
        ({"tuned": 0}, "runs on its defaults, while others were tuned"),
        ({"gradients": 200.0}, "evaluates 2 gradients a step"),
        ({"steps": [10] * 4}, "has 4 final runs, others have 6"),
    ],
)
def test_what_differs_is_named(make, suite, columns, words):
    ((workload, candidate, message),) = found(suite, table(make, **columns))
    assert (workload, candidate) == ("", "c")
    assert message.startswith(words)
    ((workload, _, _),) = found(suite, table(make, odd="v", **columns))
    assert workload == "v"


def test_equal_candidates_give_none(make, suite):
    assert not found(suite, table(make))


def test_all_on_defaults_are_equal(make, suite):
    assert not found(suite, make.trials(*(make.rows(n, w, tuned=0) for n in "abc" for w in "vw")))


def test_methods(make):
    halving = make.candidate("c", tuning={"method": "halving", "first": None})
    suite = make.suite(make.candidate("a"), make.candidate("b"), halving)
    trials = make.trials(make.rows("a"), make.rows("b"), make.rows("c", tuned=32))
    assert found(suite, trials) == [("w", "c", "is tuned by halving search, all others by quasirandom")]


def test_dimensions(make):
    wide = make.optimizer("momentum", beta=0.9, search={"lr": make.LR, "beta": make.BETA})
    suite = make.suite(make.candidate("a"), make.candidate("b"), make.candidate("c", optimizer=wide))
    trials = make.trials(*map(make.rows, "abc"))
    ((_, candidate, message),) = found(suite, trials)
    assert candidate == "c"
    assert message.startswith("searches 2 hyperparameters (lr, beta), all others 1")
    assert "less of its space" in message
    assert not found({**suite, "tuning": {**suite["tuning"], "first": 1}}, trials)


@pytest.mark.parametrize(("high", "words"), [(1e3, "farther apart"), (0.1, "closer"), (1.0, ""), (30.0, "")])
def test_decades_of_the_only_hyperparameter(make, high, words):
    odd = make.optimizer("adam", search={"lr": {**make.LR, "high": high}})
    suite = make.suite(make.candidate("a"), make.candidate("b"), make.candidate("c", optimizer=odd))
    messages = [message for _, name, message in found(suite, make.trials(*map(make.rows, "abc"))) if name == "c"]
    assert len(messages) == bool(words)
    if words:
        decades = {1e3: "6", 0.1: "2"}[high]
        assert messages == [f"searches lr over {decades} decades, all others 4: its trials lie {words}"]


def test_of_two_candidates_there_is_one_other(make):
    wide = make.optimizer("momentum", beta=0.9, search={"lr": make.LR, "beta": make.BETA})
    suite = make.suite(make.candidate("a"), make.candidate("c", optimizer=wide))
    trials = make.trials(make.rows("a"), make.rows("c", tuned=5, steps=[10] * 4, gradients=300.0))
    messages = [message for _, _, message in found(suite, trials)]
    assert len(messages) == 4
    assert all("the other" in message and "others" not in message for message in messages)
    more = [make.candidate(n, optimizer=wide) for n in "cd"]
    four = make.suite(make.candidate("a"), make.candidate("b"), make.candidate("e"), *more)
    assert all("most others 1" in m for _, _, m in found(four, make.trials(*map(make.rows, "abecd"))))


def test_batches_of_its_own(make):
    suite = make.suite(make.candidate("a"), make.candidate("b", batch_size=16))
    ((_, candidate, message),) = found(suite, make.trials(*map(make.rows, "ab")))
    assert (candidate, "(16)" in message) == ("b", True)


def test_failed_tuning_trials(make, suite):
    trials = table(make)
    at = trials.index[(trials["candidate"] == "b") & (trials["workload"] == "v") & (trials["phase"] == "tune")]
    trials.loc[at[1:3], "outcome"] = "error"
    trials.loc[at[3], "outcome"] = "timeout"
    trials.loc[at[4], "outcome"] = "diverged"  # what a search of rates meets
    ((workload, candidate, message),) = found(suite, trials)
    assert (workload, candidate) == ("v", "b")
    assert "2 error and 1 timeout" in message
