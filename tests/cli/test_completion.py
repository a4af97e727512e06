"""Completion: by a real bash, and scripts for zsh and fish; names are found without anything heavy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from optbench.cli import names

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path):
    """One in which `optbench` is a program on the path: this checkout's."""
    program = tmp_path / "optbench"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m optbench.cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = os.pathsep.join([str(ROOT), str(ROOT / "suites"), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": path}


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_completes_commands_suites_workloads_and_candidates(environment):
    asked = ["sho", "run qui", "run quick --workload digits-ls", "run quick --candidate adamw"]
    lines = ['eval "$(_OPTBENCH_COMPLETE=source_bash optbench)"', "complete -p optbench"]
    for line in (f"optbench {words}" for words in asked):
        words = line.split()
        lines += [
            f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; COMPREPLY=()",
            "$(complete -p optbench | sed 's/.*-F \\([^ ]*\\) .*/\\1/') optbench; echo \"${COMPREPLY[*]}\"",
        ]
    answer = subprocess.run(
        ["bash", "--norc"], input="\n".join(lines), capture_output=True, text=True, env=environment, check=True
    )
    first, *found = answer.stdout.splitlines()
    assert first.startswith("complete ")
    assert first.endswith(" optbench")
    assert found == ["show", "quick", "digits-lstm", "adamw"], answer.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_scripts_for_other_shells_ask_this_program(environment, shell):
    answer = subprocess.run(
        ["optbench"], capture_output=True, text=True, check=True,
        env={**environment, "_OPTBENCH_COMPLETE": f"source_{shell}"},
    )  # fmt: skip
    assert f"_OPTBENCH_COMPLETE=complete_{shell}" in answer.stdout
    checker = shutil.which(shell)
    if checker:
        subprocess.run([checker, "-n"], input=answer.stdout, text=True, check=True)


def test_names_are_completed_without_anything_heavy():
    code = (
        f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'suites')]!r}\n"
        "from optbench.cli import names\n"
        "assert names.suites('qu') == ['quick'] and 'adam' in names.candidates('ad')\n"
        "assert 'digits-mlp' in names.workloads('') and 'two-moons' in names.datasets('two')\n"
        "assert names.topics('mom') == ['momentum']\n"
        "assert 'controls' in names.shown('co') and names.kinds('sched') == ['schedule']\n"
        "print([m for m in ('pandas', 'scipy.stats', 'sklearn', 'pydantic', 'matplotlib') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_files_are_completed_where_a_path_is_begun(tmp_path):
    for name in ("mine.py", "mine.toml", "data.csv", "deep/other.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    start = f"{tmp_path}/"
    assert names.optimizers(f"{start}m") == [f"{start}mine.py"]
    assert names.suites(start) == [f"{start}deep/", f"{start}mine.toml"]
    assert f"{start}data.csv" in names.datasets(f"{start}d")
    assert names.suites("nowhere/") == []


def test_no_name_with_a_blank_is_offered():
    assert all(" " not in name for name in names.candidates(""))
