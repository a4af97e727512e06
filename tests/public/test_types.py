"""The public names have types: a program that uses them passes mypy's strict checks, and wrong ones do not."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("program.py")


def checked(file, folder):
    """mypy's messages on a file, somewhere that is not the checkout: it finds optbench as it is installed."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", folder / "cache", file]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if "error:" in line]


def test_the_program_runs():
    runpy.run_path(str(PROGRAM), run_name="__main__")


@pytest.mark.slow
def test_the_program_passes_strict_checks(tmp_path):
    pytest.importorskip("mypy")
    assert checked(PROGRAM, tmp_path) == []


WRONG = """
import optbench
from optbench.report import write
from optbench.testing import check_nothing

optbench.nothing
optbench.load(3)
optbench.fit("net", 1, 2, "adam", steps=3, params=None)
write("results")
optbench.Layout.of({"w": 3})
"""


@pytest.mark.slow
def test_a_wrong_program_does_not(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "wrong.py").write_text(WRONG)
    lines = {int(line.split(":")[1]) for line in checked("wrong.py", tmp_path)}
    assert lines == {4, 6, 7, 8, 9, 10}
