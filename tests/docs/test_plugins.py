"""docs/plugins.md has every hook, method, argument and check, and its examples run, register and pass the kit."""

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import optbench
from optbench import builtin
from optbench.contract import components, context, hookspecs, hyperparameters
from optbench.contract.architecture import Architecture
from optbench.contract.components import LayerFactory
from optbench.contract.dataset import Dataset
from optbench.contract.function import Function
from optbench.contract.problem import Problem as OwnProblem
from optbench.registry.accepted import KINDS
from optbench.registry.faults import Problem
from optbench.registry.registry import HOOKS, Registry
from optbench.testing import run_checks
from optbench.testing.collecting import ALL_CHECKS

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
TEXT = PAGE.read_text(encoding="utf-8")
BASES = [
    *(c for c in vars(components).values() if inspect.isclass(c) and issubclass(c, components.Component)),
    Dataset,
    Function,
    OwnProblem,
    Architecture,
]


def section(heading):
    """The text under a heading, up to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    match = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert match, f"docs/plugins.md has no heading {heading!r}"
    return match[1]


def python(text):
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def signature(function):
    """name(argument, argument=default) without self and types."""
    arguments = [
        name if p.default is p.empty else f"{name}={p.default!r}"
        for name, p in inspect.signature(function).parameters.items()
        if name != "self"
    ]
    return f"{function.__name__}({', '.join(arguments)})"


@pytest.fixture
def names(monkeypatch):
    """A namespace in which the page's first example was run, as if the page were a module."""
    module = ModuleType("page_of_plugins")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(python(section("## What a component is"))[0], vars(module))
    return vars(module)


def registered(**functions):
    registry = Registry()
    registry.register(builtin, "optbench:builtin", "optbench", "1")
    registry.register(SimpleNamespace(**functions), "page:page", "page", "1.0")
    return registry


# --------------------------------------------------------------------------------------------------- hooks


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_there_with_its_arguments(hook):
    section(f"### `{signature(getattr(hookspecs, hook))}`")


def test_every_heading_of_a_hook_is_one():
    assert set(re.findall(r"^### `(optbench_\w+)", TEXT, re.MULTILINE)) == set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hooks_example_runs_registers_and_passes_the_kit(hook, names, capsys, monkeypatch):
    examples = python(section(f"### `{signature(getattr(hookspecs, hook))}`"))
    assert examples
    functions = [names[hook]] if hook in names else []
    for example in examples:
        exec(example, names)
        functions.append(names[hook])
    for function in functions:
        if hook == "optbench_suites":
            assert [file.name for file in function()] == ["quick.toml"]
            continue
        if hook == "optbench_references":
            assert [folder.name for folder in function()] == ["quick"]
            continue
        registry = registered(**{hook: function})
        assert registry.problems == []
        kind = hook.removeprefix("optbench_")
        if hook == "optbench_trial_finished":
            trial = SimpleNamespace(workload={"name": "moons"}, components={"optimizer": {"name": "adam"}})
            registry.observe(trial, SimpleNamespace(outcome="done"), ())
            assert registry.problems == []
            assert capsys.readouterr().out == "moons adam done\n"
        elif hook == "optbench_adapts":
            rules = ModuleType("rules")
            rules.Rule = type("Rule", (), {"update": lambda self, grads: 2 * grads})
            rules.__version__ = "1.0"
            monkeypatch.setitem(sys.modules, "rules", rules)
            assert registry.adapt(int, "mine") is None
            adapted = registry.adapt(type("Mine", (rules.Rule,), {}), "mine")
            assert (adapted.name, adapted.bridge, adapted().lr) == ("mine", "rules 1.0", 0.01)
        elif hook == "optbench_resolvers":
            assert registry.create("optimizers", {"name": "rule:numpy:sign"}).lr == 0.01
        else:
            offered = [registry.entry(kind, name).component for name in registry.plugins["page:page"].offers[kind]]
            failed = [result for result in run_checks(offered) if result.verdict != "passed"]
            assert failed == []


def test_the_other_examples_run(names, capsys):
    for example in python(section("## The conformance kit")):
        exec(example, names)
    assert capsys.readouterr().out == ""
    for name in ("SignMomentum", "test_contract", "EXPECTED"):
        assert name in names


# ----------------------------------------------------------------------------------------- what must be named


@pytest.mark.parametrize("base", BASES, ids=lambda c: c.__name__)
def test_every_method_of_a_contract_is_there_with_its_arguments(base):
    ours = {"settings", "hyperparameters"}
    for name, function in vars(base).items():
        if inspect.isfunction(function) and not name.startswith("_") and name not in ours:
            assert f"`{signature(function)}`" in section("## The contracts"), f"{base.__name__}.{name}"


def test_every_kind_of_component_is_there():
    for base in (*KINDS.values(), *(b for b in BASES if b.__subclasses__() == [])):
        if base not in (LayerFactory,):
            assert re.search(rf"\b{base.__name__}\b", section("## The contracts")), base.__name__


def test_what_an_optimizer_sees_is_there():
    text = section("### Optimizer")
    for name in (*context.Context.__slots__, *context.Progress.__slots__, "step", "loss", "epoch", "fraction"):
        if not name.startswith("_") and name != "extra_gradients":
            assert re.search(rf"\b{name}\b", text), name
    assert f"context.{signature(context.Context.gradient)}" in text


def test_every_argument_of_a_hyperparameter_is_there():
    rows = re.findall(r"^\| (`.*?`) \|", section("## What a component is"), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert named == list(inspect.signature(hyperparameters.hyper).parameters)
    for scale in hyperparameters.SCALES:
        assert f"`{scale}`" in section("## What a component is")


def test_every_check_is_there_once_a_kind_and_no_other():
    named = re.findall(r"^\| `(check_\w+)` \| (.*) \|$", TEXT, re.MULTILINE)
    first = {check.__name__: inspect.cleandoc(check.__doc__).splitlines()[0] for check in ALL_CHECKS}
    assert dict(named) == first


def test_every_stage_of_a_problem_is_there():
    stages = re.findall(r"^\| `(\w+)` \|", section("## When something is wrong"), re.MULTILINE)
    assert stages == re.findall(r'"(\w+)"', re.search(r"`stage` is (.*?)\.\n", Problem.__doc__, re.DOTALL)[1])
    for variable in ("OPTBENCH_STRICT", "OPTBENCH_PLUGINS"):
        assert variable in TEXT


def test_the_number_of_the_contract_is_the_present_one():
    text = section("## The contract's number")
    assert f"now {optbench.CONTRACT}." in text
    assert python(text) == [f"OPTBENCH_CONTRACT = {optbench.CONTRACT}\n"]


def test_its_links_lead_somewhere():
    headings = {
        re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            assert (PAGE.parent / target.partition("#")[0]).exists(), target
