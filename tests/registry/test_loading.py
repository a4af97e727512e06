"""Loading plugins: each broken one is named, and nothing but its own parts is missing."""

import sys
from dataclasses import dataclass
from types import ModuleType

import pytest

from optbench.contract.components import Initializer, Optimizer, Regularizer
from optbench.contract.errors import OptbenchError
from optbench.contract.hookspecs import CONTRACT
from optbench.contract.hyperparameters import hyper
from optbench.registry.registry import Registry
from support.plugins import Good, Wrapper, entry_point, module, offering, only_problem, registered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("def broken(:", "SyntaxError"),
        ("raise RuntimeError('first line\\nsecond')", "RuntimeError: first line"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_a_module_that_cannot_be_imported(importable, text, expected):
    points = [
        (importable("broken_plugin", text), "broken", "2.0"),
        (importable("fine_plugin", "OPTBENCH_CONTRACT = 1"), "fine", "1.0"),
    ]
    registry = Registry().load(points)
    problem = only_problem(registry)
    assert (problem.plugin, problem.stage) == ("broken:p", "import")
    assert problem.error.startswith(expected)
    assert "\n" not in str(problem)
    assert "Traceback" in problem.traceback
    assert set(registry.plugins) == {"fine:p"}


def test_an_entry_point_of_a_missing_attribute(importable):
    importable("empty_plugin", "")
    registry = Registry().load([(entry_point("p", "empty_plugin:plugin"), "broken", "1.0")])
    assert only_problem(registry).stage == "import"


def test_ctrl_c_while_loading_is_not_a_plugin_problem(importable):
    point = importable("stopped_plugin", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Registry().load([(point, "broken", "1.0")])


@pytest.mark.parametrize("number", [CONTRACT + 1, 0, "1"])
def test_another_contract_is_refused(number):
    problem = only_problem(registered(offering(Good, OPTBENCH_CONTRACT=number)))
    assert problem.stage == "contract"
    assert repr(number) in problem.error
    assert str(CONTRACT) in problem.error


def test_a_misspelt_hook_is_refused_with_the_near_name():
    registry = registered(module(optbench_optimisers=lambda: [Good]), offering(Good))
    problem = only_problem(registry)
    assert (problem.plugin, problem.stage) == ("first:p", "hooks")
    assert "'optbench_optimisers'" in problem.error
    assert "did you mean 'optbench_optimizers'" in problem.error
    # Its name stays free for the other.
    assert registry.entry("optimizers", "good").distribution == "second"


def test_a_misspelt_hook_takes_the_whole_plugin_with_it():
    registry = registered(module(optbench_optimizers=lambda: [Good], optbench_schedule=lambda: [Good]))
    assert registry.components["optimizers"] == {}
    assert registry.plugins == {}
    assert only_problem(registry).stage == "hooks"


def test_a_hook_without_its_mark_is_named():
    plugin = ModuleType("forgetful")
    exec("def optbench_optimizers():\n    return []", plugin.__dict__)
    problem = only_problem(registered(plugin))
    assert problem.stage == "hooks"
    assert problem.error == "optbench_optimizers is not marked with @hookimpl"


def test_a_hook_that_wants_unknown_arguments():
    problem = only_problem(registered(module(optbench_optimizers=lambda config: [Good])))
    assert problem.stage == "hooks"
    assert "optbench_optimizers" in problem.error
    assert "config" in problem.error


def test_a_hook_that_raises_hides_no_other():
    def raising():
        raise ValueError("no luck")

    registry = registered(
        module(optbench_schedules=raising, optbench_optimizers=lambda: [Good]), offering(Wrapper)
    )
    problem = only_problem(registry)
    assert (problem.stage, problem.error) == ("collect", "optbench_schedules: ValueError: no luck")
    assert set(registry.components["optimizers"]) == {"good", "wrapper"}


def test_a_hook_that_exits_does_not_end_the_program():
    assert only_problem(registered(module(optbench_optimizers=lambda: sys.exit(1)))).stage == "collect"


def test_a_hook_that_fails_half_way_offers_nothing():
    def half():
        yield Good
        raise ValueError("then this")

    registry = registered(module(optbench_optimizers=half))
    assert only_problem(registry).stage == "collect"
    assert registry.components["optimizers"] == {}


def bad_components():
    @dataclass(frozen=True)
    class Nameless(Optimizer):
        lr: float = 0.1

    @dataclass(frozen=True)
    class Blank(Optimizer):
        name = "two words"

    @dataclass
    class Melted(Optimizer):
        name = "melted"

        def __hash__(self):
            return 0

    class Undecorated(Good):
        name = "undecorated"

    @dataclass(frozen=True)
    class Reversed(Optimizer):
        name = "reversed"
        lr: float = hyper(0.1, low=1, high=0.01)

    @dataclass(frozen=True)
    class LogOfNothing(Optimizer):
        name = "log-of-nothing"
        lr: float = hyper(0.1, low=0, high=1, scale="log")

    @dataclass(frozen=True)
    class Outside(Optimizer):
        name = "outside"
        beta: float = hyper(0.9, low=0.5, high=1.5, valid="[0, 1)")

    @dataclass(frozen=True)
    class BadDefault(Optimizer):
        name = "bad-default"
        beta: float = hyper(1.0, valid="[0, 1)")

    @dataclass(frozen=True)
    class BadChoice(Optimizer):
        name = "bad-choice"
        form: str = hyper("c", choices=("a", "b"), scale="choice")

    @dataclass(frozen=True)
    class BadScale(Optimizer):
        name = "bad-scale"
        lr: float = hyper(0.1, low=0.1, high=1, scale="logarithmic")

    return [
        (Nameless, "Nameless: name must be a printable text"),
        (Blank, "Blank: name must be a printable text without blanks, got 'two words'"),
        (Melted, "melted: Melted must be a @dataclass(frozen=True)"),
        (Undecorated, "undecorated: Undecorated must be a @dataclass(frozen=True)"),
        (Reversed, "reversed: lr: low must be below high, got low = 1, high = 0.01"),
        (LogOfNothing, "log-of-nothing: lr: a log scale needs low above 0"),
        (Outside, "outside: beta: 1.5 is outside its valid range [0, 1)"),
        (BadDefault, "bad-default: beta: the default 1 is outside its valid range [0, 1)"),
        (BadChoice, "bad-choice: form: the default 'c' is none of its choices"),
        (BadScale, "bad-scale: lr: unknown scale 'logarithmic'"),
        (Good(), "which is not an Optimizer class"),
        (dict, "which is not an Optimizer class"),
        ("good", "which is not an Optimizer class"),
    ]


@pytest.mark.parametrize(("item", "expected"), bad_components())
def test_a_bad_component_is_left_out_and_its_neighbours_stay(item, expected):
    registry = registered(offering(item, Good))
    problem = only_problem(registry)
    assert problem.stage == "component"
    assert expected in problem.error
    assert set(registry.components["optimizers"]) == {"good"}


def test_a_component_of_another_kind_is_refused():
    problem = only_problem(registered(offering(Good, kind="initializers")))
    assert "optbench_initializers gave" in problem.error
    assert "not an Initializer class" in problem.error


def test_a_regularizer_must_be_one_of_the_five():
    @dataclass(frozen=True)
    class Vague(Regularizer):
        name = "vague"

    problem = only_problem(registered(offering(Vague, kind="regularizers")))
    assert "subclass Penalty, Constraint" in problem.error


def test_a_taken_name_names_both_sides_and_the_first_stays():
    @dataclass(frozen=True)
    class Other(Optimizer):
        name = "good"

    registry = registered(offering(Good), offering(Other, Wrapper))
    problem = only_problem(registry)
    assert problem.plugin == "second:p"
    assert problem.error == "the optimizer name 'good' is taken by first:p; second:p must choose another"
    assert registry.entry("optimizers", "good").component is Good
    assert "wrapper" in registry.components["optimizers"]


def test_a_name_may_be_used_by_two_kinds():
    @dataclass(frozen=True)
    class Same(Initializer):
        name = "good"

    registry = registered(module(optbench_optimizers=lambda: [Good], optbench_initializers=lambda: [Same]))
    assert registry.problems == []


def test_a_taken_suite_name(tmp_path):
    file = tmp_path / "mine.toml"
    file.touch()
    plugin = module(optbench_suites=lambda: [file])
    problem = only_problem(registered(plugin, module(optbench_suites=lambda: [file])))
    assert "the suite name 'mine' is taken by first:p" in problem.error


def test_a_suite_must_be_a_file():
    assert "not a file" in only_problem(registered(module(optbench_suites=lambda: ["quick"]))).error


def test_reference_results_are_a_folder_called_as_their_suite_is(tmp_path):
    (tmp_path / "mine").mkdir()
    plugin = module(optbench_references=lambda: [tmp_path / "mine"])
    assert registered(plugin).references == {"mine": (tmp_path / "mine", "first:p")}
    twice = registered(plugin, module(optbench_references=lambda: [tmp_path / "mine"]))
    assert "the reference name 'mine' is taken by first:p" in only_problem(twice).error
    for wrong in ("mine", tmp_path / "none"):
        problem = only_problem(registered(module(optbench_references=lambda wrong=wrong: [wrong])))
        assert "optbench_references gave" in problem.error
        assert "not a folder" in problem.error


def test_an_entry_point_given_twice_leaves_the_first():
    registry = Registry()
    registry.register(offering(Good), "a:p", "a", "1.0")
    registry.register(offering(Wrapper), "a:p", "a", "1.0")
    assert only_problem(registry).error == "this entry point is given twice"
    assert registry.manager.has_plugin("a:p")
    assert set(registry.components["optimizers"]) == {"good"}


@pytest.mark.parametrize(
    ("plugin", "error"),
    [
        (offering(Good, OPTBENCH_CONTRACT=9), OptbenchError),
        (module(optbench_optimisers=lambda: [Good]), OptbenchError),
        (module(optbench_optimizers=lambda: 1 / 0), ZeroDivisionError),
        (offering(dict), OptbenchError),
    ],
)
def test_strict_raises_with_the_plugin_named(plugin, error):
    with pytest.raises(error) as caught:
        Registry().register(plugin, "mine:p", "mine", "1.0", strict=True)
    assert any("mine:p" in note for note in caught.value.__notes__)


def test_the_strict_variable_raises_for_imports_and_observers(importable, monkeypatch):
    monkeypatch.setenv("OPTBENCH_STRICT", "1")
    with pytest.raises(ModuleNotFoundError):
        Registry().load([(importable("missing_plugin", "import no_such_package"), "mine", "1.0")])
    registry = registered(module(optbench_trial_finished=lambda: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        registry.observe(None, None)


@pytest.mark.parametrize("mark", ["\r", "\x1b[31m", "\u202e", "\u200b"], ids=ascii)
def test_names_that_cannot_be_seen_are_refused(mark, tmp_path):
    class Marked(Good):
        name = f"good{mark}"

    suite = tmp_path / f"quick{mark}.toml"
    suite.touch()
    for plugin in (
        offering(dataclass(frozen=True)(Marked)),
        module(optbench_suites=lambda: [suite]),
        module(optbench_resolvers=lambda: {f"prefix{mark}": lambda kind, name: Good}),
    ):
        registry = registered(plugin)
        assert "printable" in only_problem(registry).error or "resolvers" in only_problem(registry).error
        assert str(only_problem(registry)).isprintable()
    registry = Registry().load([(entry_point("p", "json"), f"plugin{mark}", "1.0")])
    assert str(only_problem(registry)).isprintable()
    assert not registry.plugins
