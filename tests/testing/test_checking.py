"""`optbench check`: what a name stands for, the table, and the exit status."""

import sys
from io import StringIO
from types import ModuleType

import pytest
from rich.console import Console

from optbench import OptbenchError, hookimpl
from optbench.builtin.optimizers import SGD
from optbench.builtin.schedules import Cosine
from optbench.cli import main
from optbench.registry.registry import Registry, registry
from optbench.testing import ALL_CHECKS, Result, checking, checking_view, registry_of

RIGHT = '''
from dataclasses import dataclass
from optbench import Schedule, hookimpl

@dataclass(frozen=True)
class Halving(Schedule):
    """factor = 0.5^epoch."""
    name = "halving"
    reference = "folklore"
    def factor(self, progress):
        return 0.5 ** progress.epoch
'''
HOOK = "\n@hookimpl\ndef optbench_schedules():\n    return [Halving]\n"


@pytest.fixture
def module(tmp_path, monkeypatch):
    """module(name, source): a file in the current folder."""
    monkeypatch.chdir(tmp_path)
    names = []

    def write(name, source):
        names.append(name)
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        return tmp_path / f"{name}.py"

    yield write
    for name in names:
        sys.modules.pop(name, None)


def check(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["check", *map(str, arguments)])
    return stop.value.code, capsys.readouterr()


def test_a_component_that_is_right(capsys):
    status, output = check(["cosine"], capsys)
    assert status == 0
    lines = output.out.splitlines()
    assert lines[0] == "cosine"
    rows = [line.split() for line in lines[1:-1]]
    assert ["passed", "schedule_is_pure"] in rows
    assert {row[0] for row in rows} == {"passed"}
    assert lines[-1] == f"all {len(rows)} checks passed"


def test_a_module_with_a_mistake(module, capsys):
    module("mistaken_schedule", RIGHT.replace("0.5 ** progress.epoch", "0.5 - progress.fraction") + HOOK)
    status, output = check(["mistaken_schedule", "--quiet"], capsys)
    assert status == 1
    heading, row, rule, message, last = output.out.splitlines()
    assert heading == "halving  1 of 9 checks failed"
    assert row.split() == ["failed", "factors_are_finite_and_not_negative"]
    assert rule.startswith("            What must hold: At the first, middle and last step of budgets")
    assert "must be finite and not negative" in message
    assert last == "1 of 9 checks failed"


TWO = RIGHT + """

@dataclass(frozen=True)
class Growing(Halving):
    name = "growing"
    expected_failures = {"check_declares_its_source": "it is so new"}


@hookimpl
def optbench_schedules():
    return [Halving, Growing]
"""


def test_of_many_components_a_line_each(module, capsys):
    module("two_schedules", TWO)
    status, output = check(["two_schedules"], capsys)
    assert (status, output.out.splitlines()) == (
        0,
        [
            "halving  all 9 checks passed",
            "growing  8 of 9 checks passed, 1 failed as expected",
            "  expected  declares_its_source",
            "            it is so new",
            "17 of 18 checks passed, 1 failed as expected",
        ],
    )
    status, output = check(["two_schedules", "--verbose"], capsys)
    assert [line for line in output.out.splitlines() if not line.startswith(" ")][:2] == ["halving", "growing"]
    assert output.out.count("  passed  ") == 17
    status, output = check(["two_schedules", "--quiet"], capsys)
    assert output.out.splitlines()[0].startswith("growing")


def test_a_narrow_terminal_wraps_messages_beneath_each_other():
    result = Result("long-" * 30, "check_schedule_is_pure", "failed", "word " * 40 + "end")
    console = Console(file=StringIO(), force_terminal=True, width=60, color_system=None)
    assert list(checking_view.every_check(console, [result])) == [result]
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 60
    assert any(line.startswith("            word word") and line.rstrip().endswith("end") for line in lines)


def test_what_raises_everywhere_is_told_once():
    console = Console(file=StringIO(), width=80)
    results = [Result(who, f"check_{c}", "failed", "it raises") for who, c in ("ax", "ay", "az", "bx")]
    list(checking_view.every_component(console, results))
    text = console.file.getvalue()
    assert text.count("it raises") == 2  # once a component
    assert text.count("as x\n") == 2


def test_results_are_shown_as_they_come():
    """Twenty seconds of silence would look like a hang."""
    console = Console(file=StringIO(), width=80)

    def slow():
        yield Result("first", "check_a", "passed")
        assert "passed    a" in console.file.getvalue()
        yield Result("second", "check_a", "passed")

    assert len(list(checking_view.every_check(console, slow()))) == 2


def test_every_check_of_the_kit_says_what_must_hold():
    for found in ALL_CHECKS:
        rule = checking_view.rule_of(found.__name__)
        assert rule.endswith("."), found
        assert "\n" not in rule, found
        assert "  " not in rule, found


def test_a_module_by_its_file_and_without_a_hook(module, capsys):
    path = module("hookless_schedule", RIGHT)
    status, output = check([path, "-q"], capsys)
    assert (status, output.out) == (0, "all 9 checks passed\n")


def test_a_module_is_checked_beside_the_built_ins(module):
    module("taking_schedule", RIGHT.replace('"halving"', '"cosine"') + HOOK)
    (problem,) = checking.target("taking_schedule", registry()).problems
    assert problem.check == "loads (component)"
    assert "the schedule name 'cosine' is taken by optbench:builtin" in problem.message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import not_a_module_at_all", "bad_module cannot be imported: ModuleNotFoundError: No module named 'not_a"),
        ("raise SystemError('no')", "bad_module cannot be imported: SystemError: no"),
        ("x = 1", "bad_module has neither hooks nor components: mark a function such as optbench_optimizers"),
    ],
)
def test_modules_that_cannot_be_checked(module, capsys, source, message):
    module("bad_module", source)
    status, output = check(["bad_module"], capsys)
    assert status == 2
    assert message in output.err
    assert output.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("adm", "there is no distribution with plugins, component, suite or module 'adm'; did you mean 'adam'"),
        ("fundamentls", "did you mean 'fundamentals'"),
        ("no.such.module", "see: optbench list, optbench plugins"),
        ("nowhere.py", "there is no file nowhere.py"),
    ],
)
def test_unknown_names_are_answered_with_near_ones(capsys, name, message):
    if name == "fundamentls" and "fundamentals" not in registry().suites:
        pytest.skip("no such suite")
    status, output = check([name], capsys)
    assert status == 2
    assert message in output.err
    assert output.out == ""


@pytest.mark.parametrize(
    ("made", "kind"),
    [("SGD", "optimizers"), ("Cosine", "schedules"), ("refuses", "optimizers"), ("nothing", "optimizers")],
)
def test_a_resolver_says_of_which_kind_an_object_is(made, kind):
    asked = []

    def resolve(wanted, name):
        asked.append(wanted)
        if made == "refuses":
            raise OptbenchError("there is no such kind")
        return {"SGD": SGD, "Cosine": Cosine}.get(made)

    module = ModuleType("offers_prefix")
    module.optbench_resolvers = hookimpl(lambda: {"mine": resolve}, specname="optbench_resolvers")
    plugins = registry_of(module)
    assert plugins.kind_of("mine:package:Thing") == kind
    assert asked == [""]


def test_an_object_of_another_library_is_checked_by_its_name(module):
    module("mine", RIGHT + """
from dataclasses import replace
def resolve(kind, name):
    assert kind in ("", "schedules")
    return dataclass(frozen=True)(type("Mine", (Halving,), {"name": name, "__doc__": "factor = 0.5^epoch."}))
@hookimpl
def optbench_resolvers():
    return {"mine": resolve}
""")
    found = checking.target("mine:anything:Halving", registry_of(checking.imported("mine")))
    assert [c.name for c in found.components] == ["mine:anything:Halving"]
    assert [result.verdict for result in found.run()] == ["passed"] * 9


def test_a_distribution_is_all_that_it_offers(module):
    module("offered_schedule", RIGHT + HOOK)
    plugins = Registry()
    plugins.register(checking.imported("offered_schedule"), "My_Dist:one", "My_Dist", "1.0")
    for name in ("my-dist", "My_Dist:one"):
        found = checking.target(name, plugins)
        assert [c.name for c in found.components] == ["halving"]
        assert [result.verdict for result in found.run()] == ["passed"] * 9


def test_a_distribution_that_does_not_load_is_a_failure(module):
    module("future_schedule", RIGHT + HOOK + "\nOPTBENCH_CONTRACT = 99\n")
    plugins = Registry()
    plugins.register(checking.imported("future_schedule"), "future:one", "future", "1.0")
    (result,) = checking.target("future", plugins).run()
    assert (result.component, result.check, result.verdict) == ("future:one", "loads (contract)", "failed")
    assert "contract 99" in result.message


def test_a_name_of_two_kinds_is_both():
    kinds = sorted(c.kind for c in checking.target("linear", registry()).components)
    assert kinds == ["network", "schedule"]


def test_a_suite_is_read(tmp_path, capsys):
    status, output = check(["quick"], capsys)
    assert status == 0
    assert "suite_is_valid" in output.out
    plugins = Registry()
    broken = tmp_path / "broken.toml"
    broken.write_text('title = "x"\nseedz = 3\n')
    plugins.suites["broken"] = (broken, "x:y")
    (result,) = checking.target("broken", plugins).run()
    assert result.verdict == "failed"
    assert "seedz" in result.message


def test_the_summary_counts():
    rows = [Result("a", "check_b", "passed"), Result("a", "check_c", "skipped", "no network")]
    assert checking_view.summary(rows) == "1 of 2 checks passed, 1 skipped"
    assert checking_view.summary([*rows, Result("a", "check_d", "failed", "x")]) == "1 of 3 checks failed, 1 skipped"
    expected = Result("a", "check_e", "expected", "why")
    assert checking_view.summary([rows[0], expected]) == "1 of 2 checks passed, 1 failed as expected"
    assert checking_view.summary(rows[:1]) == "all 1 check passed"
    assert checking_view.summary([]) == "nothing here has checks: no component, no suite"
