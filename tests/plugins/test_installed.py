"""Distributions that are really installed, good and broken, in an environment of their own."""

import base64
import hashlib
import json
import os
import re
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
GOOD = """
from dataclasses import dataclass
from optbench import Optimizer, hookimpl, hyper

@dataclass(frozen=True)
class {cls}(Optimizer):
    name = "{name}"
    lr: float = hyper(0.01, low=1e-4, high=1, scale="log")
    def step(self, params, grads, state, context):
        {step}
        params -= self.lr * context.factor * grads

@hookimpl
def {hook}():
    return [{cls}]
"""


def optimizer(name, step="pass", hook="optbench_optimizers"):
    return GOOD.format(cls=name.title().replace("-", ""), name=name, step=step, hook=hook)


#: distribution -> (its module, what `optbench plugins` and a run must say of it, stage and reason)
BROKEN = {
    "zz-import": ("from optbench import Optimiser", r"\(import\): ImportError: cannot import name 'Optimiser'"),
    "zz-syntax": ("def broken(:", r"\(import\): SyntaxError"),
    "zz-missing": (
        "import a_package_that_is_not_there",
        r"\(import\): ModuleNotFoundError: No module named 'a_package_that_is_not_there'",
    ),
    "zz-misspelt": (
        optimizer("misspelt", hook="optbench_optimisers"),
        r"\(hooks\): there is no hook 'optbench_optimisers'; did you mean 'optbench_optimizers'",
    ),
    "zz-arguments": (
        optimizer("arguments").replace("optbench_optimizers()", "optbench_optimizers(settings)"),
        r"\(hooks\): .*optbench_optimizers\(settings\).*Argument\(s\) {'settings'} are declared .* can not be found",
    ),
    "zz-raising": (
        "from optbench import hookimpl\n\n@hookimpl\ndef optbench_schedules():\n    raise ValueError('no luck')\n",
        r"\(collect\): optbench_schedules: ValueError: no luck",
    ),
    "zz-yielding": (
        "from optbench import hookimpl\n\n@hookimpl\ndef optbench_optimizers():\n    yield 'adam'\n",
        r"\(component\): optbench_optimizers gave 'adam', which is not an Optimizer class",
    ),
    "zz-taken": (
        optimizer("adam"),
        r"\(component\): the optimizer name 'adam' is taken by optbench:builtin; zz-taken:plugin must choose another",
    ),
    "zz-future": ("OPTBENCH_CONTRACT = 99", r"\(contract\): written for contract 99, this optbench has contract 1"),
    "zz-ranges": (
        optimizer("ranges").replace("low=1e-4, high=1,", "low=1, high=1e-4,"),
        r"\(component\): optimizer ranges: lr: low must be below high, got low = 1, high = 0.0001",
    ),
}
#: distribution -> (its module, the outcome and what a run says at its end: candidate, distribution, stage, reason)
FAILING = {
    "zz-init": (
        optimizer("init").replace(
            "def step", "def init(self, params, layout):\n        raise TypeError('empty')\n    def step"
        ),
        ("error", "4 trials: optimizer init, init: TypeError: empty"),
    ),
    "zz-fragile": (
        optimizer("fragile", step="if context.step == 100: raise RuntimeError('tired\\nafter all')"),
        ("error", "4 trials: optimizer fragile, step 100: RuntimeError: tired"),
    ),
    "zz-nan": (optimizer("nan", step="params[0] = float('nan')"), ("diverged", "all 4 trials: not finite at step 50")),
}
OBSERVER = (
    "from optbench import hookimpl\n\n@hookimpl\ndef optbench_trial_finished(trial, run):\n    raise OSError('blind')\n"
)
SUITE = """
title = "Tiny"
seeds = 2

[tuning]
method = "random"
trials = 2

[[workloads]]
name = "moons"
dataset = { name = "two-moons", samples = 200 }
network = { kind = "mlp", hidden = [8] }
batch_size = 32
steps = 120
evaluate_every = 50
target = { metric = "validation_accuracy", value = 0.9 }

[[candidates]]
name = "sgd"
optimizer = "sgd"
"""


def wheel(folder, name, module):
    """A wheel of one module with an entry point, made by hand: building one would need a build backend."""
    package = name.replace("-", "_")
    info = f"{package}-1.2.dist-info"
    contents = {
        f"{package}.py": module,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[optbench]\nplugin = {package}\n",
    }
    record = ""
    for path, text in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text.encode())}\n"
    file = folder / f"{package}-1.2-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in {**contents, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return file


class Place:
    """An environment that sees this one's packages and has plugins of its own."""

    def __init__(self, folder):
        self.folder = folder
        venv.create(folder / "env", with_pip=False)
        self.python = next((folder / "env").glob("[bS]*/python*"))
        # addsitedir, not a plain path: it also reads this environment's own .pth files (editable installs).
        lines = [f"import site; site.addsitedir({path!r})\n" for path in site.getsitepackages()]
        packages = subprocess.run(
            [self.python, "-c", "import site; print(site.getsitepackages()[0])"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        (Path(packages.stdout.strip()) / "outer.pth").write_text("".join(lines))
        self.suite = folder / "tiny.toml"
        self.suite.write_text(SUITE)

    def install(self, *what):
        pip = [sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", "--no-deps", *what], check=True)

    def optbench(self, *arguments, **environment):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("OPTBENCH_")}
        path = os.pathsep.join([str(ROOT), str(ROOT / "suites")])
        return subprocess.run(
            [self.python, "-m", "optbench.cli", *map(str, arguments)],
            capture_output=True, text=True, cwd=self.folder, check=False,
            env={**clean, "PYTHONPATH": path, "COLUMNS": "300", **environment},
        )  # fmt: skip

    def run(self, engine, *more):
        return self.optbench("run", self.suite, "--engine", engine, "--no-report", *more)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    place = Place(folder)
    modules = {name: module for name, (module, _) in (BROKEN | FAILING).items()}
    modules["zz-observer"] = OBSERVER
    place.install("--no-index", *(wheel(folder, name, module) for name, module in modules.items()))
    place.install(ROOT / "plugins" / "optbench-lion")
    return place


def test_every_plugin_is_listed_with_its_problem(place):
    result = place.optbench("plugins", "--json")
    assert result.returncode == 0, result.stderr
    plugins = {item["plugin"]: item for item in json.loads(result.stdout)}
    assert plugins["optbench-lion:lion"]["offers"] == {"optimizers": ["lion"]}
    assert plugins["optbench-lion:lion"]["problems"] == []
    for name, (_, expected) in BROKEN.items():
        (problem,) = plugins[f"{name}:plugin"]["problems"]
        assert re.match(expected, f"({problem['stage']}): {problem['error']}")
    text = place.optbench("plugins").stdout
    for name in (*BROKEN, *FAILING, "zz-observer", "optbench-lion"):
        assert name in text
    assert text.count("problem (") == len(BROKEN)


def test_what_is_not_broken_is_there(place):
    result = place.optbench("list", "optimizers", "--json")
    providers = {item["name"]: item["provider"] for item in json.loads(result.stdout)}
    assert providers["lion"] == "optbench-lion"
    assert providers["adam"] == "optbench"
    assert "misspelt" not in providers


def test_a_run_with_every_bad_plugin_says_one_line_each_and_finishes_the_healthy_candidates(place):
    bad = [name.removeprefix("zz-") for name in FAILING]
    chosen = [word for name in ("sgd", "lion", *bad) for word in ("--candidate", name)]
    result = place.run("local:2", *chosen, "--out", place.folder / "run")
    assert result.returncode == 1, result.stdout + result.stderr  # trials failed
    assert "Traceback" not in result.stdout + result.stderr
    lines = result.stdout.splitlines()
    for name, (_, expected) in BROKEN.items():
        (line,) = [line for line in lines if f"plugin {name}:" in line]
        assert re.search(f"plugin {name}:plugin {expected}", line)
    (line,) = [line for line in lines if "zz-observer" in line]
    assert line.endswith("plugin zz-observer:plugin (observe): OSError: blind")
    assert sorted(result.stderr.splitlines()) == sorted(
        f"{outcome}: {name.removeprefix('zz-')} ({name} 1.2) on moons, {message}"
        for name, (_, (outcome, message)) in FAILING.items()
    )
    exported = place.optbench("export", place.folder / "run", "--format", "json")
    trials = json.loads(exported.stdout)
    outcomes = [(t["candidate"], t["phase"], t["outcome"]) for t in trials]
    expected = {"sgd": "done", "lion": "done", **{n.removeprefix("zz-"): o for n, (_, (o, _)) in FAILING.items()}}
    assert sorted(outcomes) == sorted(
        (candidate, phase, outcome)
        for candidate, outcome in expected.items()
        for phase in ("final", "tune")
        for _ in "12"
    )


def test_a_component_of_a_broken_plugin_fails_before_training_and_says_why(place):
    result = place.run("serial", "--candidate", "misspelt", "--out", place.folder / "never")
    assert result.returncode == 2
    assert "misspelt" in result.stderr
    assert "zz-misspelt:plugin (hooks)" in result.stderr
    assert "Traceback" not in result.stderr


def test_plugins_can_be_limited(place):
    result = place.optbench("plugins", "--json", OPTBENCH_PLUGINS="optbench-lion")
    names = {item["plugin"] for item in json.loads(result.stdout)}
    assert names == {"optbench:builtin", "optbench-lion:lion"}


def test_strict_raises_for_plugin_authors(place):
    result = place.optbench("plugins", OPTBENCH_STRICT="1", OPTBENCH_PLUGINS="zz-missing")
    assert result.returncode not in (0, 2)
    assert "ModuleNotFoundError" in result.stderr
    assert "in plugin zz-missing:plugin (import)" in result.stderr
