"""Names that stand for a user's own objects, components made when asked for, and those that cannot be used."""

from dataclasses import dataclass
from types import ModuleType

import pytest

from optbench.contract.components import Optimizer
from optbench.contract.errors import OptbenchError
from optbench.contract.hookspecs import Deferred, Unavailable, hookimpl
from optbench.contract.hyperparameters import hyper
from optbench.registry.foreign import import_object
from optbench.registry.listing import listed
from optbench.registry.registry import Registry
from optbench.suite import validate
from optbench.tuning import study

MADE = []


def optimizer(called, library=""):
    @dataclass(frozen=True)
    class Made(Optimizer):
        """Made when asked for."""

        name = called
        bridge = library
        lr: float = hyper(0.1, low=1e-3, high=1, scale="log")

        def step(self, params, grads, state, context):
            params -= self.lr * grads

    MADE.append(called)
    return Made


def registry_of(optimizers=(), resolvers=None):
    module = ModuleType("a_plugin")
    module.optbench_optimizers = hookimpl(lambda: list(optimizers))
    if resolvers is not None:
        module.optbench_resolvers = hookimpl(lambda: resolvers)
    registry = Registry()
    registry.register(module, "bridge:p", "bridge", "2.0")
    return registry


# ------------------------------------------------------------------------------------------------- deferred


def test_a_deferred_component_is_made_when_it_is_asked_for_and_once():
    MADE.clear()
    registry = registry_of([Deferred("lib/late", lambda: optimizer("lib/late"))])
    assert registry.problems == []
    assert registry.plugins["bridge:p"].offers == {"optimizers": ["lib/late"]}
    assert MADE == []
    assert registry.create("optimizers", {"name": "lib/late", "lr": 0.5}).lr == 0.5
    assert registry.entry("optimizers", "lib/late").component.name == "lib/late"
    assert MADE == ["lib/late"]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: optimizer("other"), "its class has the name 'other'"),
        (lambda: 3, "gave 3, which is not an Optimizer class"),
        (lambda: [][1], "IndexError: list index out of range"),
    ],
)
def test_a_deferred_component_that_cannot_be_made_is_an_error_that_names_it(make, expected):
    registry = registry_of([Deferred("late", make)])
    with pytest.raises(OptbenchError, match="optimizer 'late' of bridge:p: ") as error:
        registry.create("optimizers", {"name": "late"})
    assert expected in str(error.value)
    assert expected in listed("late", registry.entry("optimizers", "late"))["description"]


def test_a_deferred_name_is_checked_and_taken_at_once():
    registry = registry_of([Deferred("a b", int), Deferred("late", int), optimizer("late")])
    assert ["'a b'" in registry.problems[0].error, "is taken by bridge:p" in registry.problems[1].error] == [True, True]


def test_the_library_behind_a_bridge_is_part_of_who_provides_a_component():
    registry = registry_of([optimizer("own"), optimizer("theirs", "torch 9.1")])
    assert registry.entry("optimizers", "own").provider == "bridge 2.0"
    assert registry.entry("optimizers", "theirs").provider == "bridge 2.0 via torch 9.1"


# ---------------------------------------------------------------------------------------------- unavailable


def test_what_cannot_be_used_is_no_problem_until_somebody_asks_for_it():
    registry = registry_of([Unavailable("lib/needy", "it needs a model")])
    assert registry.problems == []
    assert registry.components["optimizers"] == {}
    with pytest.raises(OptbenchError, match=r"'lib/needy' of bridge:p cannot be used: it needs a model"):
        registry.create("optimizers", {"name": "lib/needy"})


# ---------------------------------------------------------------------------------------------- resolvers


def resolving(**more):
    return registry_of(resolvers={"mine": lambda kind, name: optimizer(name, "mine 1"), **more})


def test_a_prefix_makes_components_of_any_name_once():
    MADE.clear()
    registry = resolving()
    assert registry.plugins["bridge:p"].offers == {"resolvers": ["mine"]}
    assert registry.create("optimizers", {"name": "mine:a.b:C", "lr": 0.3}).name == "mine:a.b:C"
    assert registry.entry("optimizers", "mine:a.b:C").provider == "bridge 2.0 via mine 1"
    assert MADE == ["mine:a.b:C"]
    for name in ("other:a:b", "mine:", "mine"):
        with pytest.raises(OptbenchError, match="there is no optimizer"):
            registry.create("optimizers", {"name": name})


def test_a_resolver_that_fails_or_gives_something_else_is_an_error_that_names_it():
    def fails(kind, name):
        raise OptbenchError("no such class")

    registry = resolving(fails=fails, wrong=lambda kind, name: optimizer("w"))
    for name, expected in {"fails:x": "no such class", "wrong:x": "its class has the name 'w'"}.items():
        with pytest.raises(OptbenchError, match=f"optimizer '{name}' of bridge:p: {expected}"):
            registry.create("optimizers", {"name": name})
    # The kind is the resolver's to know: here it makes optimizers only.
    with pytest.raises(OptbenchError, match="not a Schedule class"):
        registry.create("schedules", {"name": "mine:x"})


@pytest.mark.parametrize("resolvers", [{"a:b": print}, {"": print}, {"a": 3}])
def test_an_impossible_resolver_is_a_problem(resolvers):
    registry = registry_of(resolvers=resolvers)
    assert "not a prefix without a colon and a function" in registry.problems[0].error


def test_a_prefix_can_be_taken():
    registry = resolving()
    module = ModuleType("b_plugin")
    module.optbench_resolvers = hookimpl(lambda: {"mine": print})
    registry.register(module, "late:p", "late", "1.0")
    assert "the resolver name 'mine' is taken by bridge:p; late:p must choose another" in registry.problems[0].error


# -------------------------------------------------------------------------------------------------- suites

TABLE = {
    "title": "T",
    "seeds": 1,
    "tuning": {"method": "none"},
    "workloads": [{"name": "bowl", "function": "quadratic", "steps": 5}],
    "candidates": [{"name": "lib/late", "optimizer": "lib/late"}],
}


def with_builtins(registry):
    from optbench import builtin

    registry.register(builtin, "optbench:builtin", "optbench", "0")
    return registry


def test_candidates_are_called_as_optimizers_are():
    registry = with_builtins(resolving())
    registry._add("optimizers", Deferred("lib/late", lambda: optimizer("lib/late")), "bridge:p")
    registry._add("optimizers", Unavailable("lib/needy", "it needs a model"), "bridge:p")
    suite = validate(TABLE, "here", registry)
    long = "mine:" + "package." * 9 + "module:Class"
    limited = suite.limited(registry, candidates=["lib/late", "mine:a:B", long, "sgd"])
    assert [c.optimizer["name"] for c in limited.candidates] == ["lib/late", "mine:a:B", long, "sgd"]
    assert [c.name for c in limited.candidates] == ["lib/late", "mine:a:B", long[-60:], "sgd"]
    assert limited.candidates[1].optimizer["search"] == {
        "lr": {"low": 1e-3, "high": 1, "scale": "log", "priority": 1}
    }
    trial = next(study(limited, limited.workloads[0], limited.candidates[1], 0, registry)).assignments[0].trial
    assert trial.providers["optimizer:mine:a:B"] == "bridge 2.0 via mine 1"
    with pytest.raises(OptbenchError, match="it needs a model"):
        suite.limited(registry, candidates=["lib/needy"])
    with pytest.raises(OptbenchError, match=r"candidates.*it needs a model"):
        validate({**TABLE, "candidates": [{"name": "n", "optimizer": "lib/needy"}]}, "here", registry)


# -------------------------------------------------------------------------------------------------- imports


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [p for p in __import__("sys").path if p])
    return tmp_path


def test_objects_are_found_in_the_current_folder_and_known_by_their_text(folder):
    (folder / "mine_a.py").write_text("class Rule:\n    class Inner: pass\n")
    (folder / "mine_b.py").write_text("class Rule:\n    class Inner: pass\n# another text\n")
    found, source = import_object("mine_a:Rule.Inner")
    assert found.__qualname__ == "Rule.Inner"
    assert source.startswith("mine_a ")
    assert source.split()[1] != import_object("mine_b:Rule")[1].split()[1]
    assert import_object("math:sqrt")[0](9) == 3


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("mine", "not of the form"),
        (":Rule", "not of the form"),
        ("math:", "not of the form"),
        ("no_such_module_here:Rule", "no module 'no_such_module_here' on the path"),
        ("math:sqr", "did you mean 'sqrt'"),
        ("needs_more:Rule", "cannot be imported: No module named 'not_installed_here'"),
        ("raises_it:Rule", "raises_it cannot be imported: ZeroDivisionError: division by zero"),
    ],
)
def test_what_cannot_be_imported_is_said_in_one_message(folder, path, expected):
    (folder / "needs_more.py").write_text("import not_installed_here")
    (folder / "raises_it.py").write_text("1 / 0")
    with pytest.raises(OptbenchError) as error:
        import_object(path)
    assert expected in str(error.value)
