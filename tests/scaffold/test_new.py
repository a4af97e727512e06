"""`optbench new`: every kind is rendered whole, passes its own tests and runs; bad names give one message."""

import compileall
import importlib
import json
import re
import sys
import tomllib
from dataclasses import replace

import pytest

from optbench import scaffold
from optbench.cli import main
from optbench.contract.errors import OptbenchError
from optbench.registry.registry import Registry, registry
from optbench.scaffold.names import names_of
from optbench.suite import parse
from optbench.testing import runs_of

every = pytest.mark.parametrize("kind", scaffold.KINDS)


def command(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["new", *map(str, arguments)])
    return stop.value.code, capsys.readouterr()


def module_of(kind):
    return f"optbench_demo_{kind}".replace("-", "_")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with one distribution of each kind."""
    home = tmp_path_factory.mktemp("new")
    for kind in scaffold.KINDS:
        scaffold.new(f"demo-{kind}", kind, home / kind, registry())
    return home


@pytest.fixture
def module(made, monkeypatch):
    """module(kind): the rendered module, imported."""
    names = []

    def load(kind):
        monkeypatch.syspath_prepend(made / kind)
        names.append(module_of(kind))
        return importlib.import_module(names[-1])

    yield load
    for name in names:
        sys.modules.pop(name, None)


@every
def test_every_kind_is_a_whole_distribution(made, kind):
    folder = made / kind
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert project["project"]["name"] == f"optbench-demo-{kind}"
    assert project["project"]["entry-points"]["optbench"] == {f"demo-{kind}": module_of(kind)}
    for included in project["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]:
        assert (folder / included).exists()
    for file in ("README.md", ".gitignore", ".github/workflows/test.yml", f"tests/test_{module_of(kind)}.py"):
        text = (folder / file).read_text(encoding="utf-8")
        assert text.endswith("\n")
        assert "{{ " not in text.replace("${{ matrix.python }}", "").replace("${{ vars.OPTBENCH }}", "")
        assert "\n\n\n\n" not in text
    workflow = (folder / ".github/workflows/test.yml").read_text(encoding="utf-8")
    assert workflow.index('pip install "${OPTBENCH:-optbench}"') < workflow.index("pip install -e"), "from anywhere"
    assert not (folder / "LICENSE").exists()
    assert (folder / "asv.conf.json").exists() == (kind == "optimizer")
    assert compileall.compile_dir(folder, quiet=2, legacy=True)
    for compiled in folder.rglob("*.pyc"):
        compiled.unlink()


@every
def test_every_kind_is_taken_by_optbench_and_passes_the_kit(module, kind):
    from optbench.testing.checking import _of_module

    found = _of_module(module(kind), kind)
    results = list(found.run())
    assert [r for r in results if r.verdict != "passed"] == []
    assert len(results) > 8 or kind == "suite"


@every
def test_the_suite_that_comes_with_it_can_be_read(module, made, kind):
    plugins = Registry()
    plugins.register(importlib.import_module("optbench.builtin"), "optbench:builtin", "optbench", "1")
    plugins.register(module(kind), "demo:demo", "demo", "1")
    assert plugins.problems == []
    path = made / kind / ("optbench_demo_suite/demo-suite.toml" if kind == "suite" else "compare.toml")
    suite = parse(path.read_text(), path.name, plugins)
    assert len(suite.candidates) >= 2


def by_hand(made, kind):
    """The tests that come with it, but for the contract: they are run by `test_every_kind_is_taken...`."""
    path = made / kind / "tests" / f"test_{module_of(kind)}.py"
    tests: dict = {}
    exec(compile(path.read_text(), path, "exec"), tests)
    assert ("test_contract" in tests) == (kind != "suite")
    return [f for name, f in tests.items() if name.startswith("test_") and name != "test_contract"]


@every
def test_the_tests_that_come_with_it_pass(module, made, kind):
    module(kind)
    for test in by_hand(made, kind):
        test()


@every
def test_its_tests_would_see_a_mistake(made, kind, tmp_path, monkeypatch):
    """The arithmetic by hand is no copy of the code: another formula fails."""
    changes = {
        "optimizer": ("v += grads", "v += 2 * grads"),
        "schedule": ("(1 - progress.fraction)", "(1.5 - progress.fraction)"),
        "initializer": ("self.gain / fan_in", "self.gain / fan_out"),
        "penalty": ("root - 1", "root"),
        "wrapper": ("(1 - self.beta) * grads", "grads"),
        "constraint": ("-self.limit, self.limit", "0, self.limit"),
        "layer": ("self.factor += 1", "self.factor += 2"),
        "hidden-normalizer": ("np.abs(x)", "np.square(x)"),
        "normalizer": ("(x - median)", "(x - low)"),
        "dataset": ("x[:, 1] > ", "x[:, 1] < "),
        "function": ("well * well + ", "2 * well * well + "),
        "problem": ("np.mean(off * off)", "np.mean(off)"),
        "network": (">> level", ">> 0"),
        "suite": ("demo-suite.toml", "other.toml"),
    }
    name = module_of(kind)
    file = "optbench_demo_suite/__init__.py" if kind == "suite" else f"{name}.py"
    source = (made / kind / file).read_text()
    before, after = changes[kind]
    assert before in source
    package = tmp_path / file
    package.parent.mkdir(exist_ok=True)
    package.write_text(source.replace(before, after))
    monkeypatch.syspath_prepend(tmp_path)
    try:
        found = []
        for test in by_hand(made, kind):
            try:
                test()
            except (AssertionError, OptbenchError) as error:
                found.append(error)
        assert found
    finally:
        sys.modules.pop(name, None)


def test_the_command_says_what_to_do_next(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    status, output = command(["Slow_Start", "--kind", "schedule"], capsys)
    assert status == 0
    assert output.out.splitlines() == [
        "made optbench-slow-start: now",
        "  cd optbench-slow-start",
        '  pip install -e ".[test]"',
        "  pytest",
        "  optbench check optbench-slow-start",
        "  optbench run compare.toml",
    ]
    assert "class SlowStart(Schedule):" in (tmp_path / "optbench-slow-start/optbench_slow_start.py").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["two words", "--kind", "optimizer"], "'two words' is no name for a distribution: .* (PEP 508)"),
        (["-x-", "--kind", "optimizer"], ""),
        (["ünder", "--kind", "optimizer"], "'ünder' is no name"),
        (["x" * 61, "--kind", "optimizer"], "up to 60"),
        (["adam", "--kind", "optimizer"], "the optimizer name 'adam' is taken by optbench:builtin: choose another"),
        (["Quick", "--kind", "suite"], "the suite name 'quick' is taken by optbench:builtin"),
        (["suites", "--kind", "suite"], "the module optbench_suites is there already"),
        (["slow", "--kind", "regularizer"], "--kind regularizer: which one: penalty, constraint or layer"),
        (["slow", "--kind", "schedule", "--hidden"], "--hidden: only a normalizer may be of hidden activations"),
        (["slow", "--kind", "optimiser"], "--kind optimiser: unknown; did you mean 'optimizer'"),
    ],
)
def test_bad_names_give_one_message_and_write_nothing(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, output = command(arguments, capsys)
    assert status == 2
    assert re.search(message.replace("(", r"\(").replace(")", r"\)"), output.err)
    assert "Traceback" not in output.err
    assert list(tmp_path.iterdir()) == []


def test_a_normalizer_is_of_inputs_or_of_hidden_activations(tmp_path, capsys):
    for options, base in ([], "InputNormalizer"), (["--hidden"], "HiddenNormalizer"):
        out = tmp_path / base
        assert command(["steady", "--kind", "normalizer", *options, "--out", out], capsys)[0] == 0
        assert f"class Steady({base}):" in (out / "optbench_steady.py").read_text()


def test_a_distribution_that_is_installed_is_taken(monkeypatch):
    monkeypatch.setattr(scaffold.names, "version", lambda name: "3.1")
    with pytest.raises(OptbenchError, match=r"optbench-slow-start 3.1 is installed already"):
        names_of("slow-start", "schedule", registry())


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    status, output = command(["slow-start", "--kind", "schedule", "--out", tmp_path], capsys)
    assert (status, output.err) == (
        2, f"error: {tmp_path} is there already and not empty: choose another folder with --out\n",
    )  # fmt: skip
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    assert command(["slow-start", "--kind", "schedule", "--out", tmp_path / "empty"], capsys)[0] == 0
    status, output = command(["slow-start", "--kind", "schedule", "--out", tmp_path / "notes.txt"], capsys)
    assert "is there already" in output.err
    status, output = command(["slow-start", "--kind", "schedule", "--out", tmp_path / "notes.txt" / "x"], capsys)
    assert status == 2
    assert "Not a directory" in output.err


@pytest.mark.parametrize(
    ("name", "component", "cls"),
    [
        ("slow-start", "slow-start", "SlowStart"),
        ("optbench-Slow.Start", "slow-start", "SlowStart"),
        ("3d", "3d", "Optimizer3d"),
        ("optimizer", "optimizer", "OptimizerComponent"),
        ("none", "none", "NoneOptimizer"),
        ("context", "context", "ContextOptimizer"),
        ("x", "x", "X"),
    ],
)
def test_all_names_follow_from_one(name, component, cls):
    names = names_of(name, "optimizer", registry())
    assert (names.component, names.cls) == (component, cls)
    assert names.distribution == f"optbench-{component}"
    assert names.module.isidentifier()
    source = scaffold.rendered(names)[f"{names.module}.py"]
    space: dict = {}
    exec(source, space)
    assert space[cls].name == component


def test_benchmarks_track_the_plugin_against_adam_and_sgd(made):
    folder = made / "optimizer"
    configuration = json.loads((folder / "asv.conf.json").read_text())
    assert (folder / configuration["benchmark_dir"] / "track.py").exists()
    assert "--no-deps" in configuration["build_command"][0]
    space: dict = {}
    exec((folder / "benchmarks" / "track.py").read_text(), space)
    assert space["OPTIMIZERS"] == ["demo-optimizer", "adam", "sgd"]
    for benchmark in (space["Step"], space["Quality"]):
        assert benchmark.params == [space["OPTIMIZERS"], space["WORKLOADS"]]
        assert benchmark.version
    step = space["Step"]()
    step.setup("adam", "spirals-mlp")
    step.time_step("adam", "spirals-mlp")
    space["OPTIMIZERS"] = ["adam", "sgd"]
    found, quality = space["Quality"]().setup_cache(), space["Quality"]()
    for workload in space["WORKLOADS"]:
        steps = {o: quality.track_steps_to_target(found, o, workload) for o in ("adam", "sgd")}
        budget = space["training"]("sgd", workload).budget.steps
        assert all(0 < count < budget / 2 for count in steps.values()), "a miss says nothing"
        assert steps["adam"] != steps["sgd"]
    assert 0 < quality.track_final_error(found, "sgd", "spirals-mlp") < 0.5
    # as one seed after the other has it
    runs = [runs_of(space["training"]("sgd", "spirals-mlp", [seed]))[0] for seed in space["SEEDS"]]
    losses = [run.measurements[-1].validation_loss for run in runs]
    assert quality.track_final_loss(found, "sgd", "spirals-mlp") == sorted(losses)[2]
    assert len(set(losses)) == 5


def test_a_seed_that_diverged_is_worse_than_all_others(made):
    space: dict = {}
    exec((made / "optimizer" / "benchmarks" / "track.py").read_text(), space)
    (run,) = runs_of(space["training"]("sgd", "spirals-mlp", [1]))
    assert space["judged"](replace(run, outcome="diverged"), 2.0, 640) == (640, float("inf"), 1.0)


def test_the_templates_are_in_the_package():
    from importlib.resources import files

    names = {file.name for file in (files("optbench.scaffold") / "templates" / "kinds").iterdir()}
    assert names == {f"{kind}.py.j2" for kind in scaffold.KINDS} | {"suite.toml.j2"}
