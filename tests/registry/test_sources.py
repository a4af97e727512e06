"""Fingerprints follow statements, not words, of a module and of what it imports from its own distribution."""

import subprocess
import sys
from pathlib import Path

import pytest

from optbench.registry import sources
from optbench.registry.registry import registry

ROOT = Path(__file__).parents[2]
PLAIN = "def step(w, g):\n    return w - 0.1 * g\n"


@pytest.fixture
def printed(tmp_path):
    """The fingerprint that a fresh process gives of `mine`, after files were written beside it."""

    def print_(module="mine", **files):
        for name, text in files.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        code = (
            f"import sys; sys.path[:0] = {[str(tmp_path), *filter(None, sys.path)]!r}; import optbench, {module}\n"
            f"from optbench.registry.sources import fingerprint; print(fingerprint({module!r}))"
        )
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    return print_


def test_words_and_layout_change_nothing(printed):
    before = printed(mine=PLAIN)
    told = '"""Steps."""\n\n# a reason\ndef step(w, g):\n    """Down."""\n    return (w\n      - 0.1 * g)  # why\n'
    assert printed(mine=told) == before


@pytest.mark.parametrize("other", [
    PLAIN.replace("-", "+"),
    PLAIN.replace("0.1", "0.2"),
    PLAIN + "\nX = None\n",
    PLAIN.replace("def step(w, g)", "def step(w, g=None)"),
])  # fmt: skip
def test_a_statement_changes_it(printed, other):
    assert printed(mine=PLAIN) != printed(mine=other)


def test_what_it_imports_from_beside_it_counts_through_others_too(printed):
    files = {"mine": "import near\n", "near": "from far import rate\n", "far": "rate = 0.1\n"}
    before = printed(**files)
    assert printed(**files | {"far": "rate = 0.2\n"}) != before
    assert printed(**files | {"elsewhere": "rate = 0.3\n"}) == before


def test_relative_imports_and_imports_in_functions_count(printed):
    files = {
        "pack/__init__": "", "pack/mine": "def f():\n    from . import other\n    from .deep import x\n",
        "pack/other": "a = 1\n", "pack/deep": "x = 1\n",
    }  # fmt: skip
    before = printed("pack.mine", **files)
    changed = [printed("pack.mine", **files | {name: "x = a = 2\n"}) for name in ("pack/other", "pack/deep")]
    assert before not in changed
    assert changed[0] != changed[1]


def test_libraries_and_the_standard_library_are_not_read(printed):
    text = "import json, numpy, optbench\nfrom scipy import stats\n"
    assert printed(mine=text)
    assert sources.reached("json") == {"json"} | {m for m in sources.reached("json") if m.startswith("json")}


def test_public_names_lead_to_the_modules_behind_them(printed):
    code = "from optbench import RMSNorm\n"
    assert printed(mine=code) != printed(mine=code.replace("RMSNorm", "LayerNorm"))
    (found,) = {m for m in _reached_by("from optbench import BatchNorm") if m.startswith("optbench.nn")}
    assert found == "optbench.nn.batch_norm"


def _reached_by(text):
    import ast

    return list(sources._imports(ast.parse(text), "mine", False))


def test_a_built_in_does_not_hang_on_its_neighbours():
    entry = registry().entry("optimizers", "sgd")
    reached = sources.reached(entry.component.__module__, "optbench")
    assert "optbench.builtin.optimizers.sgd" in reached
    assert not {name for name in reached if "adam" in name or name.startswith("optbench.training")}


def test_built_ins_have_what_they_are_made_of():
    reached = sources.reached(registry().entry("optimizers", "adam").component.__module__, "optbench")
    assert "optbench.builtin.optimizers.sums" in reached
    assert "optbench.nn.convolution" in sources.reached("optbench.builtin.networks.cnn", "optbench")
    assert "optbench.nn.convolution" not in sources.reached("optbench.builtin.networks.mlp", "optbench")


def test_every_optimizer_has_a_fingerprint_and_few_share_one():
    entries = [entry for entry in registry().components["optimizers"].values() if entry.distribution == "optbench"]
    codes = {entry.code for entry in entries}
    assert all(len(code) == sources.LENGTH for code in codes)
    assert len(codes) > len(entries) / 2


def test_the_engine_is_what_trains_and_not_what_tells():
    reached = sources.engine_modules()
    assert {"optbench.training.trainer", "optbench.nn.network", "optbench.contract.components"} <= reached
    assert not {name for name in reached if name.startswith(("optbench.report", "optbench.store", "optbench.cli"))}
    assert not reached & sources.IDLE


@pytest.mark.parametrize("version", ["python3.12", "python3.13", "python3.14"])
def test_other_pythons_give_the_same(version, tmp_path):
    import shutil

    python = shutil.which(version)
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"there is no {version}")
    path = ROOT / "optbench" / "builtin" / "optimizers" / "adam.py"
    code = (
        "import ast, importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('sources', {sources.__file__!r})\n"
        "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)\n"
        f"print('|'.join(module.statements(ast.parse(open({str(path)!r}).read()))))"
    )
    here = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    there = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout
    assert here == there
