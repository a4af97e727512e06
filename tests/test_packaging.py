"""What is installed, and what an import costs."""

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module
from importlib.metadata import packages_distributions
from importlib.resources import files
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ASV = json.loads((ROOT / "asv.conf.json").read_text(encoding="utf-8"))

#: 0.6 s to 2.3 s each; pydantic's models are a suite's business
HEAVY = ["seaborn", "matplotlib", "scipy.stats", "sklearn", "pandas", "pydantic"]


def imported_by(code, heavy=HEAVY):
    """The heavy modules that a fresh interpreter has imported after this code."""
    code += f"\nimport sys\nprint([name for name in {heavy!r} if name in sys.modules])"
    path = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'suites')]!r}\n"
    answer = subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, check=True)
    return answer.stdout.splitlines()[-1]


def test_the_command_line_imports_nothing_heavy():
    call = "import optbench, optbench.cli\ntry: optbench.cli.main(['--help'])\nexcept SystemExit: pass"
    assert imported_by(call, [*HEAVY, "numpy"]) == "[]"


def test_listing_imports_nothing_heavy():
    call = "import optbench.cli\ntry: optbench.cli.main(['list', '--json'])\nexcept SystemExit: pass"
    # Typer itself looks for pydantic when it converts arguments.
    assert imported_by(call) in ("[]", "['pydantic']")


def test_the_registry_imports_nothing_heavy():
    call = "from optbench.registry.registry import registry\nassert registry().components['optimizers']"
    assert imported_by(call) == "[]"


UP_TO_FIRST = """
import optbench
from optbench.running.progress import Watcher
class First(Watcher):
    def finished(self, trial, run, purposes):
        assert run.outcome == "done", run.message
        raise KeyboardInterrupt
try:
    optbench.run("quick", "serial", OUT, workloads=["digits-mlp"], candidates=["adam"], report=False, watcher=First())
except KeyboardInterrupt:
    print("first")
else:
    raise SystemExit("no trial")
"""


def test_a_run_reads_searches_and_trains_without_anything_heavy(tmp_path):
    """Until its first trial is finished: tables and the page come after the last."""
    assert imported_by(UP_TO_FIRST.replace("OUT", repr(str(tmp_path)))) == "['pydantic']"


def test_the_check_would_see_a_heavy_import():
    assert imported_by("import pandas") == "['pandas']"


def test_what_is_imported_is_declared():
    """A module that another dependency happens to bring is there until that one drops it."""
    asked = [*PROJECT["dependencies"], *chain.from_iterable(PROJECT["optional-dependencies"].values())]
    declared = {canonical(re.match(r"[\w.-]+", text)[0]) for text in asked} | {"pydantic-core"}  # pydantic pins it
    known = packages_distributions()
    programs = ROOT / "optbench/lab/frameworks/programs"  # run where what they need is, and say so where it is not
    for file in set((ROOT / "optbench").rglob("*.py")) - set(programs.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in {n.partition(".")[0] for n in names} - sys.stdlib_module_names - {"optbench"}:
                brought = {canonical(d) for d in known.get(name, [name])}
                assert brought & declared, f"{file.relative_to(ROOT)} imports {name}: not in pyproject.toml"


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_suites_are_in_a_data_package():
    names = {file.name for file in files("optbench_suites").iterdir()}
    assert "quick.toml" in names


def test_the_built_ins_are_an_entry_point_like_any_other():
    assert PROJECT["entry-points"]["optbench"] == {"builtin": "optbench.builtin"}
    module, _, function = PROJECT["scripts"]["optbench"].partition(":")
    assert callable(getattr(import_module(module), function))


# ------------------------------------------------------------------------------------------------------ asv


def test_asv_builds_one_wheel_and_installs_what_it_requires():
    # With the dependencies' wheels beside it, asv would not know which to install; pip then reads them from the
    # wheel, so that every commit gets its own.
    assert "--no-deps" in ASV["build_command"][0]
    assert "--no-deps" not in ASV["install_command"][0]
    assert ASV["matrix"] == {"env_nobuild": {"OPENBLAS_NUM_THREADS": ["1"]}}


def test_asv_finds_its_folders():
    assert ASV["benchmark_dir"] == "suites/asv_benchmarks"
    assert ASV["results_dir"] == "results/asv"
    for folder in ("env_dir", "html_dir"):
        assert ASV[folder].startswith(".asv/")
    assert (ROOT / ASV["benchmark_dir"]).is_dir()


def benchmark_modules():
    folder = ROOT / "suites" / "asv_benchmarks"
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "suites")
    yield lambda name: import_module(f"asv_benchmarks.{name}")
    for name in [n for n in sys.modules if n.startswith("asv_benchmarks")]:
        del sys.modules[name]


METHOD = re.compile(r"(time|peakmem|track)_")


@pytest.mark.parametrize("name", benchmark_modules())
def test_benchmarks_are_fixed_beforehand(name, benchmarks):
    # asv runs other commits by the index of a parameter, and compares results of one version only.
    source = (ROOT / "suites" / "asv_benchmarks" / f"{name}.py").read_text(encoding="utf-8")
    assert "registry().components" not in source
    module = benchmarks(name)
    for cls in [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == module.__name__]:
        for method in [m for n, m in vars(cls).items() if METHOD.match(n)]:
            version = getattr(method, "version", getattr(cls, "version", None))
            assert isinstance(version, str), f"{name}.{cls.__name__}.{method.__name__} has no version"
        for values in getattr(cls, "params", []):
            assert all(isinstance(value, (str, int)) for value in values)


def test_measured_optimizers_are_built_in(benchmarks):
    from optbench.builtin.optimizers import ALL

    static = benchmarks("common").OPTIMIZERS
    assert set(static) <= {cls.name for cls in ALL}
    assert len(set(static)) == len(static)


@pytest.mark.parametrize("network", ["digits-mlp", "wide-mlp"])
def test_a_benchmark_runs(network, benchmarks):
    common = benchmarks("common")
    training = common.training("adam", network, steps=3)
    for _ in range(3):
        training.step()
    assert training.active
    with pytest.raises(NotImplementedError):
        common.training("no-such-optimizer", network, steps=3)


def test_ci_can_be_run():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.slow
def test_the_wheel_holds_the_suites_and_no_tests(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = zipfile.ZipFile(wheel).namelist()
    assert "optbench_suites/quick.toml" in inside
    assert "optbench_suites/reference/quick/digits-mlp.sqlite.xz" in inside
    assert "optbench/builtin/__init__.py" in inside
    assert "optbench/py.typed" in inside
    assert {name.split("/")[0] for name in inside if ".dist-info" not in name} == {"optbench", "optbench_suites"}
    on_disk = {str(p.relative_to(ROOT)) for p in (ROOT / "optbench").rglob("*") if p.is_file()}
    assert {name for name in on_disk if "__pycache__" not in name} <= set(inside)
