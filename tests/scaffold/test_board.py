"""`optbench new NAME --kind board`: a repository whose workflows say what they do, and do it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from board.conftest import made_up
from optbench.cli import main
from optbench.contract.errors import OptbenchError
from optbench.scaffold.board import FILES, new_board


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return new_board("our-board", None)


def steps(text):
    """{name: script} of a workflow's steps that have both."""
    found = {}
    for name, block in re.findall(r"- name: ([\w ]+)\n +run: \|\n((?: {10}.*\n|\n)+)", text):
        found[name] = re.sub(r"^ {10}", "", block, flags=re.MULTILINE)
    return found


def test_every_file_is_there(made, capsys):
    assert {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()} == set(FILES.values())
    for path in made.rglob("*"):
        assert path.is_dir() or "{%" not in path.read_text()
    assert "# Our board\n" in (made / "README.md").read_text()
    verify = (made / ".github" / "workflows" / "verify.yml").read_text()
    assert "on: pull_request\n" in verify
    assert "permissions:\n  contents: read\n" in verify
    assert "secrets." not in verify
    # what a pull request names reaches a script as data alone
    assert not re.search(r"run:.*\$\{\{", verify)
    assert all("${{" not in script for script in steps(verify).values())
    with pytest.raises(SystemExit) as stop:
        main(["new", "our-board", "--kind", "board"])
    assert stop.value.code == 2
    assert "not empty" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../up", "", "a b", "-x", "x" * 61, "a/b"])
def test_a_name_that_is_none(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptbenchError, match="no name for a repository"):
        new_board(name, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_workflow_finds_what_changed_and_refuses_what_is_wrong(made, tmp_path):
    """Its scripts in a repository of their own: an entry is read, one that is spoiled ends the step."""

    def git(*words):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *words], cwd=made, check=True,
                       capture_output=True)  # fmt: skip

    scripts = steps((made / ".github" / "workflows" / "verify.yml").read_text())
    bin = Path(sys.executable).parent
    settings = {**os.environ, "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}", "BASE": "main",
                "RUNNER_TEMP": str(tmp_path / "temp")}  # fmt: skip

    def step(name):
        return subprocess.run(["bash", "-eo", "pipefail", "-c", scripts[name]], cwd=made, env=settings,
                              capture_output=True, text=True)  # fmt: skip

    (tmp_path / "temp").mkdir()
    git("init", "-b", "main")
    git("add", "-A")
    git("commit", "-m", "a board")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    made_up(tmp_path, "adam", ["sgd", "adam"], 1, workloads=1)
    shutil.copytree(tmp_path / "entries" / "adam-1", made / "entries" / "adam-1")
    git("add", "-A")
    git("commit", "-m", "an entry")
    assert step("changed").returncode == 0
    assert (tmp_path / "temp" / "changed").read_bytes() == b"entries/adam-1\0"
    done = step("read")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "temp" / "looks" / "adam-1" / "entries" / "adam-1" / "index.html").is_file()
    # a name that is a command, and a card that is none
    shutil.copytree(tmp_path / "entries" / "adam-1", made / "entries" / "$(touch executed); x")
    git("add", "-A")
    git("commit", "-m", "another")
    assert step("changed").returncode == 0
    done = step("read")
    assert not list(made.rglob("executed"))
    assert done.returncode == 0, done.stderr
    (made / "entries" / "adam-1" / "card.toml").write_text("name = 1")
    assert step("read").returncode == 3
