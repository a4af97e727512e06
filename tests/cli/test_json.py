"""Every command that prints a table prints it as JSON, too: one document alone, with the keys that docs/runs.md has."""

import json
import re
from pathlib import Path

import pytest
import typer

import optbench
from optbench.board.submit import submit
from optbench.cli import app
from optbench.cli.printing import plain
from support.suites import LOW, bowl, candidate, moons, searched, suite, topic, valley

ROOT = Path(__file__).parents[2]
COMMANDS = typer.main.get_command(app).commands
#: print sentences, file names, other formats, or nothing
PROSE = {"export", "figures", "new", "pack", "summary", "train"}
#: command: the rest of a call on the folder of a tiny run and the file of its suite
CALLS = {
    "list": ["optimizers"],
    "plugins": [],
    "show": ["adam", "--quick"],
    "compare": ["{run}", "{run}"],
    "status": ["{run}"],
    "plan": ["{suite}", "--workload", "bowl", "--engine", "serial"],
    "run": ["{suite}", "--out", "{run}", "--engine", "serial", "--no-report"],
    "lesson": ["minima", "--suite", "{course}", "--out", "{new}", "--engine", "serial"],
    "report": ["{run}"],
    "explain": ["{run}", "sgd", "momentum", "--workload", "bowl", "--engine", "serial", "--out", "{new}"],
    "reproduce": ["{run}", "--trials", "1", "--engine", "serial"],
    "merge": ["{run}", "{other}", "--out", "{new}"],
    "targets": ["{suite}", "--workload", "bowl", "--engine", "serial", "--runs", "{new}"],
    "data": ["two-moons"],
    "doctor": ["--quick", "--out", "{new}"],
    "frameworks": ["numpy"],
    "gradcheck": ["dense"],
    "check": ["quadratic"],
    "submit": ["{run}", "--author", "A", "--licence", "MIT", "--out", "{new}", "--no-kit"],
    "verify": ["{entry}", "--trials", "1", "--engine", "serial"],
    "board": ["{entry}", "--out", "{new}"],
}
#: these draw pages
SLOW = {"report", "explain", "board"}


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("json")
    candidates = searched("sgd") + candidate("momentum", optimizer="momentum")
    text = suite(bowl(target=LOW), moons(), candidates, baseline="sgd")
    (folder / "tiny.toml").write_text(text, encoding="utf-8")
    course = suite(valley(steps=5), topic("Minima", text="Where it is lowest."), searched("sgd"), baseline="sgd")
    (folder / "course.toml").write_text(course, encoding="utf-8")
    optbench.run(folder / "tiny.toml", "serial", folder / "run", report=False)
    optbench.run(folder / "tiny.toml", "serial", folder / "other", report=False, workloads=["bowl"], candidates=["sgd"])
    entry = submit(folder / "run", folder, ["A"], "MIT", name="entry").folder
    files = {"suite": folder / "tiny.toml", "course": folder / "course.toml"}
    return {**files, "run": folder / "run", "other": folder / "other", "entry": entry}


def strictly(text):
    """JSON without NaN and Infinity, which Python would let pass."""

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def documented():
    """{command: the keys that docs/runs.md has for it}."""
    text = (ROOT / "docs" / "runs.md").read_text(encoding="utf-8").partition("## For programs")[2]
    rows = re.findall(r"^\| `(\w+|--version)` \| (.*) \|$", text, re.MULTILINE)
    return {command: set(re.findall(r"`(\w+)`", keys)) for command, keys in rows}


def test_every_command_prints_json_or_no_table():
    without = {name for name, c in COMMANDS.items() if "--json" not in [o for p in c.params for o in p.opts]}
    assert without == PROSE
    assert set(CALLS) | PROSE == set(COMMANDS)
    assert set(documented()) == set(CALLS) | {"--version"}


@pytest.mark.parametrize(
    "command", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in sorted(CALLS)]
)
def test_json_stands_alone_with_its_documented_keys(call, places, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    words = [word.format(new=tmp_path / "new", **places) for word in CALLS[command]]
    status, out, _ = call(command, *words, "--json")
    assert status == 0
    found = strictly(out)
    first = found[0] if isinstance(found, list) else found
    assert set(first) == documented()[command]


def test_numbers_are_numbers_and_what_json_lacks_is_null(call, places, tmp_path):
    _, out, _ = call("run", places["suite"], "--out", places["run"], "--engine", "serial", "--no-report", "--json")
    found = strictly(out)
    assert [row["candidate"] for row in found["leaderboard"]]
    assert all(isinstance(row["score"], float) and isinstance(row["trials"], int) for row in found["leaderboard"])
    moons = [row for row in found["workloads"] if row["workload"] == "moons"]
    assert all(row["steps_to_target"] is None for row in moons), "it has no target"


def test_plain_data():
    import numpy as np

    made = {"a": np.float32(0.5), "b": np.array([1, 2]), "c": float("nan"), "d": (float("inf"), {3, 1}), 5: Path("x/y")}
    assert plain(made) == {"a": 0.5, "b": [1, 2], "c": None, "d": [None, [1, 3]], "5": "x/y"}
    assert plain(np.array([np.nan, 1.0])) == [None, 1.0]
