"""Loading plugins: each broken one is named, and nothing but its own parts is missing."""

import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from optbench.contract.components import Initializer, Optimizer, Penalty, Regularizer, Schedule
from optbench.contract.errors import OptbenchError
from optbench.contract.hookspecs import CONTRACT, hookimpl
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.registry.accepted import KINDS
from optbench.registry.faults import one_line
from optbench.registry.installed import installed_entry_points
from optbench.registry.making import build
from optbench.registry.registry import Registry


@dataclass(frozen=True)
class Good(Optimizer):
    """A fine one."""

    name = "good"
    lr: float = hyper(0.1, low=1e-3, high=1, scale="log", valid="[0, inf)")

    def step(self, params, grads, state, context):
        params -= self.lr * grads


@dataclass(frozen=True)
class Wrapper(Optimizer):
    name = "wrapper"
    inner: Optimizer
    period: int = hyper(5, low=1, high=20, scale="integer", valid="[1, inf)")


def module(name="a_plugin", **attributes):
    """A module object as a plugin's author writes one; functions named optbench_… are marked as hooks."""
    made = ModuleType(name)
    for attribute, value in attributes.items():
        made.__dict__[attribute] = hookimpl(value) if attribute.startswith("optbench_") else value
    return made


def offering(*classes, kind="optimizers", **more):
    return module(**{f"optbench_{kind}": lambda: list(classes)}, **more)


def registered(*plugins):
    """A registry with these plugins, from the distributions first, second, …"""
    registry = Registry()
    for plugin, name in zip(plugins, ("first", "second", "third"), strict=False):
        registry.register(plugin, f"{name}:p", name, "1.0")
    return registry


def only_problem(registry):
    assert len(registry.problems) == 1
    return registry.problems[0]


# ---------------------------------------------------------------------------------------------- what works


def test_what_a_plugin_offers_is_found_with_its_provider():
    registry = registered(offering(Good, Wrapper))
    assert registry.problems == []
    assert registry.entry("optimizers", "good").component is Good
    assert registry.entry("optimizers", "good").provider == "first 1.0"
    assert registry.plugins["first:p"].offers == {"optimizers": ["good", "wrapper"]}


def test_two_hooks_of_one_plugin_and_two_plugins_add_up():
    @dataclass(frozen=True)
    class Flat(Schedule):
        name = "flat"

    both = module(optbench_optimizers=lambda: [Good], optbench_schedules=lambda: (Flat,))
    registry = registered(both, offering(Wrapper))
    assert registry.problems == []
    assert set(registry.components["optimizers"]) == {"good", "wrapper"}
    assert set(registry.components["schedules"]) == {"flat"}


def test_a_hook_that_gives_nothing_is_no_problem():
    assert registered(module(optbench_optimizers=lambda: None)).problems == []


def test_suites_are_known_by_their_file_name(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('title = "Mine"')
    registry = registered(module(optbench_suites=lambda: [file]))
    assert registry.suites == {"mine": (file, "first:p")}


# --------------------------------------------------------------------------------- each stage by itself


def entry_point(name, value):
    return EntryPoint(name, value, "optbench")


@pytest.fixture
def importable(tmp_path, monkeypatch):
    """Writes a module that can be imported, and gives its entry point."""
    monkeypatch.syspath_prepend(tmp_path)
    names = []

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        names.append(name)
        return entry_point("p", name)

    yield write
    for name in names:
        sys.modules.pop(name, None)


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
        (Nameless, "Nameless: name must be a text"),
        (Blank, "Blank: name must be a text without blanks, got 'two words'"),
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


def test_an_entry_point_given_twice_leaves_the_first():
    registry = Registry()
    registry.register(offering(Good), "a:p", "a", "1.0")
    registry.register(offering(Wrapper), "a:p", "a", "1.0")
    assert only_problem(registry).error == "this entry point is given twice"
    assert registry.manager.has_plugin("a:p")
    assert set(registry.components["optimizers"]) == {"good"}


# ------------------------------------------------------------------------------------------- observers


def test_an_observer_is_named_among_what_a_plugin_offers():
    @hookimpl
    def optbench_trial_finished(trial):
        pass

    registry = registered(module(optbench_trial_finished=optbench_trial_finished))
    (plugin,) = registry.plugins.values()
    assert plugin.offers == {"observers": ["optbench_trial_finished"]}


def test_an_observer_that_raises_is_called_no_more_and_hides_no_other():
    seen, calls = [], []

    def raising(trial):
        calls.append(trial)
        raise RuntimeError("cannot watch")

    registry = registered(
        module(optbench_trial_finished=raising),
        module(optbench_trial_finished=lambda run, trial: seen.append((trial, run))),
        module(optbench_trial_finished=lambda assignments: seen.append(assignments)),
    )
    registry.observe("t1", "r1")
    registry.observe("t2", "r2", ("a",))
    problem = only_problem(registry)
    assert (problem.plugin, problem.stage) == ("first:p", "observe")
    assert problem.error == "RuntimeError: cannot watch"
    assert calls == ["t1"]
    # pluggy calls the last one first
    assert seen == [("t1", "r1"), (), ("t2", "r2"), ("a",)]


def test_an_observer_that_exits_does_not_end_the_run():
    registry = registered(module(optbench_trial_finished=lambda: sys.exit(3)))
    registry.observe("t1", "r1")
    assert only_problem(registry).error == "SystemExit: 3"


# ------------------------------------------------------------------------------------------- strictness


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


# ------------------------------------------------------------------------------------- what is installed


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Writes the metadata of installed distributions to the front of the path."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, entry_points, version="1.0", folder=tmp_path):
        info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(entry_points)

    return write


def mine(points):
    return [(point.name, point.value, name, number) for point, name, number in points if name.startswith("zz")]


def test_entry_points_of_the_group_are_found(installed):
    installed("zz-b", "[optbench]\none = mod_one\ntwo = mod_two\n[console_scripts]\nx = y:z\n", "3.1")
    installed("zz-a", "[optbench]\np = mod_a\n")
    assert mine(installed_entry_points()) == [
        ("p", "mod_a", "zz-a", "1.0"),
        ("one", "mod_one", "zz-b", "3.1"),
        ("two", "mod_two", "zz-b", "3.1"),
    ]


def test_the_first_on_the_path_counts(installed, tmp_path, monkeypatch):
    installed("zz-a", "[optbench]\np = newer\n", "2.0")
    installed("zz_A", "[optbench]\np = older\n", "1.0", folder=tmp_path / "later")
    monkeypatch.syspath_prepend(tmp_path / "later")
    monkeypatch.syspath_prepend(tmp_path)
    assert mine(installed_entry_points()) == [("p", "newer", "zz-a", "2.0")]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, {"zz-a", "zz-b"}), ("zz-a", {"zz-a"}), ("zz_A, zz-b", {"zz-a", "zz-b"}), ("", set())],
)
def test_the_plugins_variable_limits(installed, monkeypatch, limit, expected):
    installed("zz-a", "[optbench]\np = mod_a\n")
    installed("zz-b", "[optbench]\np = mod_b\n")
    if limit is None:
        monkeypatch.delenv("OPTBENCH_PLUGINS", raising=False)
    else:
        monkeypatch.setenv("OPTBENCH_PLUGINS", limit)
    assert {name for _, name, _ in installed_entry_points() if name.startswith("zz")} == expected


def test_unreadable_entry_points_are_named_and_hide_nothing(installed):
    installed("zz-a", "[optbench]\nno equals sign\n")
    installed("zz-b", "[optbench]\np = mod_b\n")
    problems = []
    assert [p[2] for p in mine(installed_entry_points(problems))] == ["zz-b"]
    assert len(problems) == 1
    assert "zz_a-1.0.dist-info" in problems[0].plugin
    assert "cannot be read" in problems[0].error


def test_a_name_repeated_within_one_distribution_is_named(installed, importable):
    importable("mod_x", "")
    importable("mod_y", "")
    installed("zz-a", "[optbench]\np = mod_x\np = mod_y\n")
    points = [p for p in installed_entry_points() if p[1] == "zz-a"]
    assert "given twice" in only_problem(Registry().load(points)).error


# --------------------------------------------------------------------------------------------- resolving


def test_a_missing_component_lists_near_names():
    registry = registered(offering(Good))
    with pytest.raises(OptbenchError, match=r"there is no optimizer 'god'; did you mean 'good'\?"):
        registry.entry("optimizers", "god")
    with pytest.raises(OptbenchError, match="there is no schedule 'flat'; there are none"):
        registry.entry("schedules", "flat")


def test_of_a_bridges_hundred_names_none_is_listed_where_none_is_near():
    foreign = [dataclass(frozen=True)(type(f"C{k}", (Good,), {"name": f"far/{k}"})) for k in range(100)]
    registry = registered(offering(Good), offering(*foreign))
    with pytest.raises(OptbenchError, match=r"no optimizer 'zzzzzz'; valid names: good$"):
        registry.entry("optimizers", "zzzzzz")
    with pytest.raises(OptbenchError, match=r"did you mean 'far/17'"):
        registry.entry("optimizers", "far/17x")
    with pytest.raises(OptbenchError, match=r"valid names: far/0, .*, and 41 more$"):
        registry.entry("optimizers", "qqqqqq/zzzzzz")


def test_a_prefix_that_nothing_resolves_is_named():
    registry = registered(module(optbench_resolvers=lambda: {"torch": lambda kind, name: Good}))
    with pytest.raises(OptbenchError, match=r"no plugin resolves the prefix 'toch': did you mean 'torch'\?"):
        registry.entry("optimizers", "toch:mine:Class")


def test_a_missing_component_says_which_plugins_are_broken(importable):
    registry = registered(offering(Good))
    registry.load([(importable("lionish", "import no_such_package"), "optbench-lionish", "1.0")])
    with pytest.raises(OptbenchError) as caught:
        registry.entry("optimizers", "lionish")
    assert "not loaded: plugin optbench-lionish:p (import): ModuleNotFoundError" in str(caught.value)


def test_create_makes_components_within():
    registry = registered(offering(Good, Wrapper))
    made = registry.create(
        "optimizers", {"name": "wrapper", "inner": {"name": "good", "lr": np.float64(1)}, "period": 3}
    )
    assert made == Wrapper(Good(1.0), 3)
    assert registry.create("optimizers", {"name": "wrapper", **made.settings()}) == made


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"name": "good", "lt": 1}, "optimizer good: there is no setting 'lt'; valid names: lr"),
        ({"name": "good", "lr": -1}, r"optimizer good: lr must be in \[0, inf\), got -1"),
        ({"name": "good", "lr": "fast"}, "optimizer good: lr must be a number, got 'fast'"),
        ({"name": "wrapper"}, "optimizer wrapper: the setting 'inner' is missing"),
        ({"name": "wrapper", "inner": {"name": "god"}}, "there is no optimizer 'god'; did you mean 'good'"),
        ({"name": "wrapper", "inner": {"name": "good", "lr": -1}}, "optimizer good: lr must be in"),
        ({"lr": 0.1}, "optimizer: the setting 'name' is missing"),
    ],
)
def test_create_refuses_wrong_settings(settings, expected):
    registry = registered(offering(Good, Wrapper))
    with pytest.raises(OptbenchError, match=expected):
        registry.create("optimizers", settings)


def test_what_a_components_own_check_raises_is_a_message():
    @dataclass(frozen=True)
    class Picky(Penalty):
        name = "picky"
        strength: float = hyper(1.0)

        def __post_init__(self):
            super().__post_init__()
            if self.strength == 3:
                raise ValueError("three is right out")

    assert build(Picky, {"strength": 2}).strength == 2
    with pytest.raises(ComponentError, match="regularizer picky: ValueError: three is right out"):
        build(Picky, {"strength": 3})


def test_a_plugin_may_be_any_object_with_hooks():
    plugin = SimpleNamespace(optbench_optimizers=hookimpl(lambda: [Good]))
    assert registered(plugin).problems == []


def test_one_line_is_one_line():
    assert one_line(ValueError("a\nb")) == "ValueError: a"
    assert one_line(ValueError()) == "ValueError: no message"
    assert one_line(OptbenchError("read this")) == "read this"


def test_every_kind_has_its_hook():
    registry = Registry()
    for kind in (*KINDS, "suites"):
        assert hasattr(registry.manager.hook, f"optbench_{kind}")
