"""The workflows of this repository: who may do what, with which Pythons, and what they call exists.

Their form is checked against GitHub's schemas by `.ci/release`.
"""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.yml")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = {line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)}


def scripts(workflow):
    return [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_each_says_what_it_may_and_calls_what_there_is(name):
    assert WORKFLOWS[name]["permissions"]["contents"] == "read"
    for script in scripts(WORKFLOWS[name]):
        assert "${{" not in script, "a text from outside would be a part of the script"
        for called in re.findall(r"(?<![\w/])\.ci/\w+", script):
            assert (ROOT / called).exists()


def test_only_what_was_built_and_tested_from_a_tag_is_published():
    jobs = WORKFLOWS["release.yml"]["jobs"]
    assert [name for name, job in jobs.items() if "permissions" in job] == ["publish"]
    assert set(jobs["publish"]["needs"]) == {"build", "test"}
    assert "github.event_name == 'push'" in jobs["publish"]["if"]
    assert jobs["publish"]["permissions"]["id-token"] == "write"
    assert "secrets." not in (FOLDER / "release.yml").read_text(encoding="utf-8")


def test_every_supported_python_is_tested():
    least = int(PROJECT["requires-python"].removeprefix(">=3."))
    assert {int(version.removeprefix("3.")) for version in PYTHONS} == set(range(least, least + len(PYTHONS)))
    (setup,) = [s for s in WORKFLOWS["ci.yml"]["jobs"]["everything"]["steps"] if "setup-python" in s.get("uses", "")]
    assert set(setup["with"]["python-version"].split()) == PYTHONS
    ends = {min(PYTHONS), max(PYTHONS)}
    assert {row["python"] for row in WORKFLOWS["ci.yml"]["jobs"]["tests"]["strategy"]["matrix"]["include"]} == ends
    assert set(WORKFLOWS["release.yml"]["jobs"]["test"]["strategy"]["matrix"]["python"]) == ends
    template = (ROOT / "optbench/scaffold/templates/test.yml.j2").read_text(encoding="utf-8")
    assert set(re.findall(r'"(3\.\d+)"', template)) == PYTHONS


def test_the_maintainer_is_told_of_every_project_on_the_index():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = re.search(r"each of the projects \(([^)]+)\)", text)[1]
    plugins = [tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"]
               for path in ROOT.glob("plugins/*/pyproject.toml")]  # fmt: skip
    assert sorted(re.findall(r"`([^`]+)`", told)) == sorted(["optbench", *plugins])
