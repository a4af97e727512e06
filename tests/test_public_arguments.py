"""Every argument of the public functions, given what it cannot be: taken, or refused in one message that names it."""

import inspect

import numpy as np
import pytest

import optbench
from optbench import OptbenchError, fit, minibatches, network
from optbench.builtin.initializers import HeNormal
from optbench.builtin.optimizers import SGD, Adam
from optbench.referee.synthetic import synthetic_store


class Stranger:
    """A class that is no component."""


class Accepted(Exception):
    """The arguments were good: what follows is not at issue."""


HOSTILE = [
    object(), Stranger, Stranger(), 1.5, -1, 10**30, True, "", "nothing of this name", "a\nb\0", b"x", float("nan"),
    np.zeros((2, 2)), [object()], [Stranger], [[1], [1, 2]], {"a": object()}, ["cat", "dog"], {1, 2}, np.array("x"),
]  # fmt: skip

NET = network([2, 3, 1], ["relu", "sigmoid"])
P = NET.draw(HeNormal())
X, Y = np.zeros((6, 2)), np.zeros(6)
TRAINED = fit(NET, X, Y, SGD(), steps=1, params=P)

#: function, good arguments, and those of its arguments that say no more than that something is wrong with the data
CALLS = {
    "run": (optbench.run, {"suite": "quick"}),
    "load": (optbench.load, {"folder": "nowhere"}),
    "watched": (optbench.watched, {"folder": "nowhere"}),
    "compare": (optbench.compare, {"before": "reference", "after": "reference"}),
    "explain": (optbench.explain, {"source": "./nowhere", "a": "sgd", "b": "adam"}),
    "reproduce": (optbench.reproduce, {"folder": "nowhere"}),
    "get": (lambda name, kind: optbench.get(name, kind=kind), {"name": "adam", "kind": "optimizer"}),
    "network": (network, {"sizes": [2, 3, 1], "activations": ["relu", "sigmoid"]}),
    "sequential": (optbench.sequential, {"layers": [optbench.Dense(2)], "shape": [3]}),
    "descend": (optbench.descend, {"optimizer": SGD(), "start": [1.0], "gradients": [[1.0]]}),
    "workload_data": (optbench.workload_data, {"workload": "digits-mlp"}),
    "minibatches": (minibatches, {"examples": 6, "batch_size": 2}),
    "fit": (fit, {"model": NET, "x": X, "y": Y, "optimizer": Adam(), "steps": 2, "params": P}),
    "hardmax": (optbench.hardmax, {"logits": X}),
    "draw": (NET.draw, {"initializer": HeNormal()}),
    "flat": (NET.flat, {"tensors": NET.views(P)}),
    "views": (NET.views, {"params": P}),
    "cost_and_gradient": (NET.cost_and_gradient, {"params": P, "x": X, "y": Y}),
    "predict": (TRAINED.predict, {"x": X}),
    "accuracy": (TRAINED.accuracy, {"x": X, "y": Y}),
    "cost": (TRAINED.cost, {"x": X, "y": Y}),
}
CASES = [(name, argument) for name, (call, _) in CALLS.items() for argument in inspect.signature(call).parameters]




@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    synthetic_store(folder, ["sgd", "adam"], 1, seeds=2, trials=2)
    return optbench.load(folder)


@pytest.mark.parametrize(
    ("name", "argument", "good"),
    [
        ("measurements", "phase", ["tune", "final", np.str_("final")]), ("arrays", "key", ["no key of a trial"]),
        ("interactions", "workload", []), ("verdict", "focus", [["adam"], np.array(["sgd"]), ("adam",), []]),
        ("count", "verdict", ["faster", "equal", np.str_("undecided")]),
    ],
)  # fmt: skip
def test_methods_of_results_take_or_refuse_by_name(results, name, argument, good):
    call = getattr(optbench.compare(results, results) if name == "count" else results, name)
    assert list(inspect.signature(call).parameters) == [argument]
    refused = 0
    for value in [*good, *HOSTILE]:
        try:
            call(**{argument: value})
        except OptbenchError as error:
            told = str(error)
        else:
            continue
        assert not any(value is one for one in good), value
        assert argument in told, (value, told)
        refused += 1
    assert refused >= len(HOSTILE) - 4


@pytest.mark.parametrize(("name", "argument"), CASES, ids=[f"{n}-{a}" for n, a in CASES])
def test_taken_or_refused_by_name(name, argument, tmp_path, monkeypatch):
    def accept(*_, **__):
        raise Accepted

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("optbench.api.execute", accept)
    call, good = CALLS[name]
    refused = 0
    for value in HOSTILE:
        try:
            call(**{**good, argument: value})
        except Accepted:
            continue
        except OptbenchError as error:
            told = str(error)
            if told.startswith("nowhere"):  # the arguments were good, the folder is not there
                continue
            refused += 1
            # Of a text the message may name the text itself: "there is no suite 'x'".
            texts = [str(one) for one in ([value] if isinstance(value, str) else value) if isinstance(one, str)] \
                if isinstance(value, (str, list, set)) else []
            assert any(name in told for name in (argument, "tensor", *filter(None, texts))), (value, told)
    assert refused > len(HOSTILE) // 3


def test_numpys_scalars_are_welcome(tmp_path, monkeypatch):
    def accept(*arguments, **_):
        raise Accepted(arguments)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("optbench.api.execute", accept)
    with pytest.raises(Accepted) as accepted:
        optbench.run(
            np.str_("quick"), seeds=np.int64(2), trials=np.uint16(3), timeout=np.float32(5), memory=np.int64(2 * 10**9),
            fresh=np.False_, candidates=np.array(["adam", "sgd"]), workloads=(np.str_("digits-mlp"),),
        )  # fmt: skip
    suite, timeout = accepted.value.args[0][0], accepted.value.args[0][6]
    assert (suite.seeds, suite.tuning.trials, [c.name for c in suite.candidates]) == (2, 3, ["adam", "sgd"])
    assert type(suite.seeds) is int
    assert timeout == 5.0
    assert fit(NET, X, Y, SGD(), steps=np.int32(2), params=P, seed=np.int64(0)).costs.shape == (2,)
    assert network(np.array([2, 3, 1]), ["relu", "sigmoid"], dtype=np.float64).dtype == np.float64


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seeds": "2"}, r"seeds must be a whole number in \[1, 9999\], got '2'"),
        ({"seeds": np.float64(2)}, r"seeds must be a whole number in \[1, 9999\], got 2.0"),
        ({"memory": 10}, "--memory '10': a worker needs 100 MB"),
        ({"candidates": [Stranger]}, r"candidates\[0\]: Stranger is a class and no component: subclass"),
        ({"candidates": "adam"}, "candidates must be a list of names"),
        ({"timeout": -1}, r"timeout must be a number of seconds in \(0, 1e\+09\], got -1"),
        ({"ruleset": "Tuned"}, "ruleset must be 'tuned' or 'tuning-free', got 'Tuned'; did you mean 'tuned'?"),
        ({"report": "yes"}, "report must be true or false, got 'yes'"),
        ({"watcher": print}, r"watcher must be a Watcher\(\), got <built-in"),
        ({"engine": 3}, "engine must be 'serial'"),
    ],
)
def test_what_run_cannot_take(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptbenchError, match=message):
        optbench.run("quick", **arguments)
    assert not list(tmp_path.iterdir())


def test_labels_that_are_texts_are_told():
    with pytest.raises(OptbenchError, match="y must be an array of numbers, got texts such as 'cat'"):
        fit(NET, X, ["cat", "dog"] * 3, SGD(), steps=1, params=P)
