"""One trial from names, and its settings by path."""

from dataclasses import dataclass

import pytest

from optbench import Optimizer, builtin, hookimpl, hyper
from optbench.contract.errors import OptbenchError
from optbench.lab.adjust import changed, difference, settings
from optbench.lab.single import trial
from optbench.registry.registry import Registry, registry
from support.suites import candidate, moons, suite, valley

SUITE = suite(
    moons(
        "points", samples=100, hidden=[4], initializer="he", normalizer="standardize", batch_size=16, epochs=3
    ),
    valley(steps=40), candidate("sgd"),
)  # fmt: skip


@pytest.fixture(scope="module", name="suite")
def _suite(tmp_path_factory):
    path = tmp_path_factory.mktemp("suite") / "small.toml"
    path.write_text(SUITE)
    return str(path)


@pytest.fixture(scope="module")
def made(suite):
    def make(workload="points", **more):
        return trial(registry(), workload, suite, **more)

    return make


def test_components_have_the_workloads_settings_unless_others_are_named(made):
    plain, other = made(), made(optimizer="sgd", initializer="zeros", schedule="cosine", regularizers=["l2"], seed=4)
    assert plain.components["optimizer"]["name"] == "adam"
    assert plain.components["initializer"]["name"] == "he"
    assert [n["name"] for n in plain.components["normalizers"]] == ["standardize"]
    assert plain.seed == 1
    assert other.components["optimizer"]["name"] == "sgd"
    assert other.components["initializer"]["name"] == "zeros"
    assert other.components["schedule"]["name"] == "cosine"
    assert [r["name"] for r in other.components["regularizers"]] == ["l2"]
    assert other.seed == 4
    assert set(other.providers) >= {"optimizer:sgd", "regularizer:l2", "dataset:two-moons"}


def test_settings_go_by_full_or_short_path(made):
    found = made(
        regularizers=["l2", "dropout"],
        settings={
            "lr": 0.5, "optimizer.beta1": 0.8, "l2.strength": 0.1, "keep": 0.9, "epochs": 7, "batch_size": "full",
            "evaluate_every": 2.0,
        },
    )  # fmt: skip
    known = settings(found)
    assert known["optimizer.lr"] == 0.5
    assert known["optimizer.beta1"] == 0.8
    assert known["regularizers.l2.strength"] == 0.1
    assert known["regularizers.dropout.keep"] == 0.9
    assert (known["epochs"], known["steps"], known["batch_size"], known["evaluate_every"]) == (7, None, "full", 2)
    assert settings(made())["optimizer.lr"] == 0.001  # nothing is shared


def test_a_budget_is_in_the_unit_that_was_set(made):
    found = changed(made(), {"steps": 11})
    assert (found.workload["steps"], found.workload["epochs"]) == (11, None)
    again = changed(found, {"epochs": 2})
    assert (again.workload["steps"], again.workload["epochs"]) == (None, 2)


def test_the_difference_is_what_was_really_changed(made):
    before = made()
    assert difference(before, changed(before, {"lr": 0.001, "beta1": 0.5})) == {"optimizer.beta1": [0.9, 0.5]}
    assert difference(before, before) == {}


@pytest.mark.parametrize(
    ("workload", "values", "message"),
    [
        ("points", {"lrr": 1}, r"--set lrr: there is no such setting; did you mean 'lr'"),
        ("points", {"name": "sgd"}, "no such setting"),
        ("points", {"optimizer.name": "sgd"}, "no such setting"),
        ("points", {"optimizer": 1}, "no such setting"),
        ("points", {"regularizers": []}, "no such setting"),
        ("points", {"epochs": 0}, r"--set epochs: must be a whole number in \[1, inf\), got 0"),
        ("points", {"epochs": "many"}, "must be a whole number"),
        ("points", {"epochs": True}, "must be a whole number"),
        ("points", {"steps": float("inf")}, "must be a whole number"),
        ("points", {"steps": float("nan")}, "must be a whole number"),
        ("points", {"batch_size": 0}, r"\[1, inf\) or \"full\", got 0"),
        ("points", {"batch_size": 2.5}, "must be a whole number"),
        ("points", {"evaluate_every": -1}, r"or null, got -1"),
        ("valley", {"epochs": 3}, "no such setting"),
        ("valley", {"batch_size": 3}, "no such setting"),
    ],
)
def test_a_setting_that_is_not_possible_is_named(made, workload, values, message):
    with pytest.raises(OptbenchError, match=message):
        made(workload, settings=values)


def test_a_path_that_several_settings_have_is_asked_back(made):
    with pytest.raises(OptbenchError, match=r"which of .*\.elastic-net\.strength, .*\.l2\.strength"):
        made(regularizers=["l2", "elastic-net"], settings={"strength": 1})


def test_a_setting_without_a_default_can_be_set(suite):
    """A user's own class of another library may have such arguments."""

    @dataclass(frozen=True)
    class Strict(Optimizer):
        rate: float
        beta: float = hyper(0.5)
        name = "strict"

    class Plugin:
        @staticmethod
        @hookimpl
        def optbench_optimizers():
            return [Strict]

    both = Registry()
    both.register(builtin, "optbench:builtin", "optbench", "1.0")
    both.register(Plugin, "strict:p", "strict", "1.0")
    with pytest.raises(OptbenchError, match="the setting 'rate' is missing"):
        trial(both, "points", suite, optimizer="strict")
    for path in ("rate", "optimizer.rate"):
        found = trial(both, "points", suite, optimizer="strict", settings={path: 0.1, "beta": 0.2})
        assert found.components["optimizer"] == {"name": "strict", "rate": 0.1, "beta": 0.2}


def test_unknown_names_have_near_ones(made, suite):
    with pytest.raises(OptbenchError, match="did you mean 'points'"):
        trial(registry(), "point", suite)
    with pytest.raises(OptbenchError, match=r"workload digits-mpl: .*did you mean 'digits-mlp'"):
        trial(registry(), "digits-mpl")
    with pytest.raises(OptbenchError, match="did you mean 'adam'"):
        made(optimizer="adm")
    with pytest.raises(OptbenchError, match="seed must be a whole number in"):
        made(seed=-1)
