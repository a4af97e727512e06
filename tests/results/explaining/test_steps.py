"""What two candidates differ in, and the settings of what lies between them."""

import pytest

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.results.explaining.steps import steps_between, told_settings
from optbench.trials.trial import Trial

SGD, ADAM = {"name": "sgd", "lr": 0.1}, {"name": "adam", "lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
MOMENTUM = {"name": "momentum", "lr": 0.1, "beta": 0.9, "bias_correction": False}
ADAMW = {**ADAM, "name": "adamw", "decay": 0.1}


def trial(optimizer, batch_size=64, **components):
    made = {"schedule": {"name": "constant"}, "initializer": {"name": "he"}, "normalizers": [], "regularizers": []}
    return Trial({"name": "w", "batch_size": batch_size}, {"optimizer": optimizer, **made, **components}, 1, {})


def between(*pairs):
    return steps_between("a", "b", [(trial(one), trial(other)) for one, other in pairs], registry())


def names(found):
    return [step.name for step in found.steps]


def test_rate_betas_decay_then_the_rest_then_code():
    a = trial({**ADAMW, "lr": 0.1, "beta2": 0.99, "eps": 1e-6, "decay": 0.2}, 64)
    b = trial(
        {**ADAMW, "name": "nadamw"}, 32, schedule={"name": "cosine", "end": 0.0}, initializer={"name": "glorot"},
        normalizers=[{"name": "standardize"}], regularizers=[{"name": "l2", "strength": 0.1}],
    )  # fmt: skip
    found = steps_between("a", "b", [(a, b)], registry())
    assert names(found) == [
        "lr", "beta2", "decay", "eps", "schedule", "initializer", "normalizers", "regularizers", "batch size", "code"
    ]  # fmt: skip
    assert found.order("reverse") == found.order("forward")[::-1]


def test_states_take_one_step_after_another():
    a, b = trial({**ADAM, "lr": 0.1}, 64), trial({**ADAM, "beta1": 0.5}, 16)
    found = steps_between("a", "b", [(a, b)], registry())
    assert names(found) == ["lr", "beta1", "batch size"]
    forward, reverse = (
        [(c["optimizer"]["lr"], c["optimizer"]["beta1"], size) for taken in found.states(order)
         for c, size in [found.settings(a, b, taken)]]
        for order in ("forward", "reverse")
    )  # fmt: skip
    assert forward == [(0.1, 0.9, 64), (0.001, 0.9, 64), (0.001, 0.5, 64), (0.001, 0.5, 16)]
    assert reverse == [(0.1, 0.9, 64), (0.1, 0.9, 16), (0.1, 0.5, 16), (0.001, 0.5, 16)]
    assert [found.named(taken) for taken in found.states("forward")] == [
        "a", "a with lr of b", "a with lr, beta1 of b", "b"
    ]  # fmt: skip


def test_what_only_one_optimizer_has_belongs_to_its_code():
    found = between((SGD, ADAM))
    assert names(found) == ["lr", "code"]
    assert found.steps[1].note == "with beta1, beta2, eps, which sgd does not have"
    a, b = trial(SGD), trial(ADAM)
    assert found.settings(a, b, {"lr"})[0]["optimizer"] == {"name": "sgd", "lr": 0.001}
    assert found.settings(a, b, {"code"})[0]["optimizer"] == {**ADAM, "lr": 0.1}
    assert found.settings(a, b, {"lr", "code"})[0] == b.components


def test_places_may_differ_in_other_things():
    found = between((ADAM, {**ADAM, "lr": 0.1}), (ADAM, {**ADAM, "beta1": 0.5}))
    assert names(found) == ["lr", "beta1"]
    a, b = trial(ADAM), trial({**ADAM, "beta1": 0.5})
    assert found.settings(a, b, {"lr"}) == found.settings(a, b, set())


def test_components_within_are_matched_by_path():
    inner = [{"name": "lookahead", "inner": {**ADAM, "lr": lr}, "k": 5} for lr in (0.1, 0.2)]
    assert names(between(tuple(inner))) == ["inner.lr"]
    assert names(between((inner[0], {**inner[1], "inner": {**SGD, "lr": 0.3}}))) == ["inner.lr", "code"]


def test_a_value_that_the_other_optimizer_refuses_belongs_to_its_code():
    found = between((MOMENTUM, {"name": "schedule-free-sgd", "lr": 1.0, "beta": 1.0, "decay": 0.0}))
    assert names(found) == ["lr", "code"]
    why = "optimizer momentum: beta must be in [0, 1), got 1"
    assert f"beta cannot be carried over alone ({why})" in found.steps[1].note


class Ordered:
    """A registry whose optimizers want beta1 below beta2."""

    def create(self, kind, table):
        if table["beta1"] > table["beta2"]:
            raise OptbenchError("beta1 must be below beta2")


def test_values_that_are_only_taken_together_are_one_step():
    a, b = trial({**ADAM, "beta1": 0.1, "beta2": 0.2}), trial({**ADAM, "lr": 0.1, "beta1": 0.5})
    found = steps_between("a", "b", [(a, b)], Ordered())
    assert names(found) == ["lr", "beta1, beta2"]
    settings = found.settings(a, b, {"beta1, beta2"})[0]["optimizer"]
    assert (settings["lr"], settings["beta1"], settings["beta2"]) == (0.001, 0.5, 0.999)


def test_equal_settings_have_nothing_to_explain():
    with pytest.raises(OptbenchError, match="a and b have the same settings on every workload"):
        between((ADAM, ADAM))


def test_what_differs_is_told_value_by_value():
    a, b = trial(SGD), trial(ADAM, 32, schedule={"name": "cosine", "end": 0.0})
    found = steps_between("a", "b", [(a, b)], registry())
    assert told_settings(found, {"workload": "w"}, a, b) == [
        {"workload": "w", "step": "lr", "setting": "lr", "a": 0.1, "b": 0.001},
        {"workload": "w", "step": "schedule", "setting": "schedule", "a": {"name": "constant"},
         "b": {"name": "cosine", "end": 0.0}},
        {"workload": "w", "step": "batch size", "setting": "batch size", "a": 64, "b": 32},
        {"workload": "w", "step": "code", "setting": "optimizer", "a": "sgd", "b": "adam"},
    ]  # fmt: skip
