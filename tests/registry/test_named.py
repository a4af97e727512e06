"""`optbench.get`: components by name, whichever kind has it, and one message where none or several do."""

import pytest

import optbench
from optbench import OptbenchError, get
from optbench.contract.components import KINDS
from optbench.registry import named
from optbench.registry.registry import registry
from optbench.testing import registry_of


def test_every_component_is_had_by_its_name_and_kind():
    for kind in KINDS:
        for name, entry in registry().components[f"{kind}s"].items():
            if ":" not in entry.plugin or not entry.plugin.startswith("optbench:"):
                continue
            assert type(get(name, kind=kind)) is entry.component
            assert type(get(name, kind=f"{kind}s")) is entry.component


def test_settings_are_the_components_own():
    assert get("adam", lr=0.25).settings()["lr"] == 0.25
    assert get("two-moons", samples=120).samples == 120
    assert get("lookahead", inner=get("sgd", lr=2.0)).inner.lr == 2.0
    assert get("lookahead", inner={"name": "sgd", "lr": 2.0}) == get("lookahead", inner=get("sgd", lr=2.0))


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("adm", {}, "there is no component 'adm'; did you mean 'adam'"),
        ("adm", {"kind": "optimizer"}, "there is no optimizer 'adm'; did you mean 'adam'"),
        ("adam", {"kind": "schedule"}, "there is no schedule 'adam'"),
        ("adam", {"kind": "optimiser"}, "there is no kind 'optimiser'; did you mean 'optimizer'"),
        ("constant", {}, "give kind='initializer' or 'schedule'"),
        ("adam", {"beta": 0.1}, "optimizer adam: there is no setting 'beta'; did you mean 'beta"),
        ("adam", {"lr": -1.0}, "optimizer adam: lr must be in"),
        ("nobody:module:Class", {}, "there is no component 'nobody:module:Class'"),
    ],
)
def test_what_cannot_be_had_is_one_message(name, settings, said):
    with pytest.raises(OptbenchError) as error:
        get(name, **settings)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


class Resolving:
    """A plugin with a prefix, and a component that cannot be used here."""

    @staticmethod
    @optbench.hookimpl
    def optbench_optimizers():
        return [optbench.Unavailable("quantum", "needs a quantum computer")]

    @staticmethod
    @optbench.hookimpl
    def optbench_resolvers():
        return {"mine": lambda kind, name: None}


def test_unusable_names_say_why_and_prefixes_ask_for_a_kind(monkeypatch):
    monkeypatch.setattr(named, "registry", lambda: registry_of(Resolving()))
    with pytest.raises(OptbenchError, match="'quantum' of Resolving:Resolving cannot be used: needs a quantum"):
        get("quantum")
    with pytest.raises(OptbenchError, match="may be of any kind: give kind='initializer' or "):
        get("mine:module:Class")
