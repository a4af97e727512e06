"""What `optbench new` writes is really installed, tested, checked and run."""

import os
import re
import subprocess
from importlib.util import find_spec

import pytest

from optbench import scaffold
from optbench.registry.registry import registry
from support.environments import Place

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("place"))
    for kind in scaffold.KINDS:
        scaffold.new(f"demo-{kind}", kind, place.folder / kind, registry())
    place.install(*(place.folder / kind for kind in scaffold.KINDS if kind != "optimizer"))
    place.install("-e", place.folder / "optimizer")
    return place


def test_the_tests_that_come_with_them_pass(place):
    folders = [place.folder / kind / "tests" for kind in scaffold.KINDS]
    options = ["--import-mode=importlib", "-p", "no:cacheprovider", "-W", "error", "-c", os.devnull]
    done = place.call("-m", "pytest", "-q", *options, "--rootdir", place.folder, *folders)
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 90
    assert "failed" not in done.stdout


def test_one_folder_by_itself_as_its_author_does(place):
    assert " passed" in place.call("-m", "pytest", "-q", cwd=place.folder / "suite").stdout


def test_every_distribution_is_found_and_checked(place):
    script = (
        "from optbench.testing import checking\nfrom optbench.registry.registry import registry\n"
        f"for kind in {scaffold.KINDS!r}:\n"
        "    found = checking.target(f'optbench-demo-{kind}', registry())\n"
        "    assert found.problems == [] and found.components + found.suites, kind\n"
        "print(registry().problems)"
    )
    assert place.call("-c", script).stdout.strip() == "[]"
    done = place.call("-m", "optbench.cli", "check", "optbench-demo-schedule")
    assert "checks passed" in done.stdout.splitlines()[-1]


def test_an_optimizer_is_a_candidate_at_once(place):
    candidates = ["--candidate", "demo-optimizer", "--candidate", "adam"]
    small = ["--engine", "serial", "--workload", "spirals-mlp", "--trials", "2", "--seeds", "2", "--no-report"]
    done = place.call("-m", "optbench.cli", "run", "quick", *candidates, *small)
    assert "demo-optimizer" in done.stdout


def test_their_suites_run_at_once_and_earn_no_caution(place):
    suites = {kind: str(place.folder / kind / "compare.toml") for kind in scaffold.KINDS if kind != "suite"}
    suites["suite"] = "demo-suite"
    script = (
        "import optbench\n"
        f"for kind, suite in {suites!r}.items():\n"
        "    found = optbench.run(suite, 'serial', kind + '-run', report=False)\n"
        "    assert set(found.trials['outcome']) <= {'done', 'diverged'}, (kind, found.trials['message'])\n"
        "    earned = found.cautions().query('kind != \\'seeds\\'')\n"  # whether two are told apart is up to them
        "    assert earned.empty, (kind, earned.to_string())\n"
        "    print(kind, len(found.trials))"
    )
    lines = place.call("-c", script).stdout.splitlines()
    assert len(lines) == len(scaffold.KINDS)
    assert all(int(line.split()[1]) >= 8 for line in lines)


@pytest.mark.skipif(find_spec("asv") is None, reason="needs asv")
def test_its_benchmarks_run(place):
    folder = place.folder / "optimizer"
    for call in (["git", "init", "-q"], ["git", "add", "."]):
        subprocess.run(call, cwd=folder, check=True)
    commit = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", "commit", "-q", "-m", "first"]
    subprocess.run(commit, cwd=folder, check=True)
    machine = ["--machine", "here", "--os", "x", "--arch", "x", "--cpu", "x", "--num_cpu", "1", "--ram", "1"]
    home = place.folder / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home)}
    for call in (
        ["machine", *machine],
        ["run", "--python=same", "--quick", "--dry-run", "--show-stderr"],
    ):
        done = subprocess.run(
            [place.python, "-m", "asv", *call],
            cwd=folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    for name in ("Step.time_step", "Quality.track_steps_to_target", "demo-optimizer"):
        assert name in done.stdout
