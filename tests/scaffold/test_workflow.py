"""The workflow that `optbench new` writes, run step by step as a job of GitHub runs it, with this checkout's action."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from optbench import scaffold
from optbench.registry.registry import registry
from optbench.store.store import STORE
from support.environments import Place

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
#: that the job is short here
SMALL = " --workload spirals-mlp --no-report"


def workflow(folder):
    return yaml.safe_load((folder / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))


def filled(text, values):
    """With what stands for `${{ name }}`; a name that nobody knows is a mistake."""
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: values[found[1]], str(text))


def commands_of(steps, values):
    """(name, script, environment, whether always) of each step that is a script; those of our action in its place."""
    found = []
    for step in steps:
        uses = step.get("uses", "")
        if uses.startswith("optbench/optbench@"):
            given = {name: filled(value, values) for name, value in step["with"].items()}
            assert given.keys() <= ACTION["inputs"].keys()
            needed = {name for name, declared in ACTION["inputs"].items() if declared.get("required")}
            assert needed <= given.keys()
            inputs = {name: given.get(name, declared.get("default", "")) for name, declared in ACTION["inputs"].items()}
            found += commands_of(ACTION["runs"]["steps"], {f"inputs.{name}": value for name, value in inputs.items()})
        elif uses:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", uses)
        elif wanted(step.get("if"), values):
            environment = {name: filled(value, values) for name, value in step.get("env", {}).items()}
            assert "${{" not in step["run"], "a text from outside would be a part of the script"
            found.append((step.get("name", step["run"]), step["run"], environment, step.get("if") == "always()"))
    return found


def wanted(condition, values):
    """Whether a step is run: of conditions there are two forms."""
    if condition in (None, "always()"):
        return True
    name, unlike = re.fullmatch(r"(\S+) != '(.*)'", condition).groups()
    return values[name] != unlike


@pytest.mark.parametrize("kind", scaffold.KINDS)
def test_every_kind_has_a_verdict_of_its_own(kind, tmp_path):
    scaffold.new(f"demo-{kind}", kind, tmp_path / kind, registry())
    jobs = workflow(tmp_path / kind)["jobs"]
    values = {"matrix.python": "3.11", "vars.OPTBENCH": ""}
    (install, *_), verdict = commands_of(jobs["test"]["steps"], values), commands_of(jobs["verdict"]["steps"], values)
    assert install[2] == {"OPTBENCH": "", "REPOSITORY": "https://github.com/optbench/optbench"}
    names = [name for name, *_ in verdict]
    assert names == ["Install", "Conformance kit", "Run", "Summary", "No worse than stored results"]
    run = verdict[2][2]["RUN"].split()
    assert run[0] in ("quick", "compare.toml", "demo-suite")
    assert (tmp_path / kind / run[0]).exists() == (run[0] == "compare.toml")


@pytest.mark.parametrize(
    ("there", "asked", "status"), [(True, "", 0), (False, "", 0), (False, "optbench==9.9", 1), (True, "a path", 0)]
)
def test_optbench_comes_from_an_index_or_else_from_its_repository(tmp_path, there, asked, status):
    """By a pip that writes down what it is told, and knows optbench of an index or does not."""
    scaffold.new("demo", "schedule", tmp_path / "demo", registry())
    (_, script, environment, _), *_ = commands_of(
        workflow(tmp_path / "demo")["jobs"]["test"]["steps"], {"matrix.python": "3.11", "vars.OPTBENCH": asked}
    )
    pip = tmp_path / "pip"
    told = f'echo "$2" >> "{tmp_path}/told"'
    pip.write_text(f'#!/bin/sh\n{told}\ncase "$2" in git+*) exit 0;; esac\nexit {int(not there)}\n')
    pip.chmod(0o755)
    variables = {**os.environ, **environment, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], env=variables, check=False)
    assert done.returncode == status
    expected = [asked or "optbench"]
    assert (tmp_path / "told").read_text().splitlines() == expected + ["git+https://github.com/optbench/optbench"] * (
        not there and not asked
    )


class Job:
    """A job's steps in a repository: what they print, what the job's page has, and which one failed."""

    def __init__(self, place, repository):
        self.place, self.repository = place, repository

    def run(self, without=()):
        page, failed, printed = self.repository.parent / "page.md", None, ""
        page.write_text("")
        shutil.rmtree(self.repository / "results", ignore_errors=True)
        steps = [dict(step) for step in workflow(self.repository)["jobs"]["verdict"]["steps"]]
        for step in steps:
            if "with" in step:
                step["with"] = {**step["with"], "run": step["with"]["run"] + SMALL, "install": "--no-deps -e ."}
        for name, script, environment, always in commands_of(steps, {"vars.OPTBENCH": ""}):
            if name not in without and (failed is None or always):
                given = {**environment, "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_STEP_SUMMARY": str(page)}
                done = self.place.shell(script, self.repository, given)
                printed += done.stdout + done.stderr
                if done.returncode:
                    failed = name
        return failed, page.read_text(), printed


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return Place(tmp_path_factory.mktemp("place"))


@pytest.mark.slow
def test_the_verdict_of_a_repository_and_what_it_takes_to_fail(place, tmp_path):
    repository = tmp_path / "demo"
    scaffold.new("demo-tracked", "optimizer", repository, registry())
    job = Job(place, repository)
    failed, page, printed = job.run()
    assert failed is None, printed
    assert "- demo-tracked " in page
    assert "There are no stored results yet" in page
    shutil.copy(repository / "results" / "ci.sqlite.xz", repository / "reference.sqlite.xz")

    failed, page, printed = job.run(without=["Install"])
    assert failed is None, printed
    assert "### Beside reference.sqlite.xz\n\nthe same bits" in page
    assert "There are no stored results" not in page

    module = repository / "optbench_demo_tracked.py"
    right = module.read_text()
    rates = "hyper(0.01, low=1e-4, high=1.0,"
    assert rates in right
    module.write_text(right.replace(rates, "hyper(0.001, low=1e-4, high=0.005,"))  # breaks no rule, and is slow
    failed, page, printed = job.run(without=["Install"])
    assert failed == "No worse than stored results", printed
    assert re.search(r"\| demo-tracked \| spirals-mlp \|.*(slower|worse)", page)

    module.write_text(right.replace("return [DemoTracked]", "return [Nothing]"))
    failed, page, _ = job.run(without=["Install"])
    assert (failed, page) == ("Conformance kit", "")
    assert not (repository / "results" / "ci" / STORE).exists()
