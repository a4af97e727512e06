"""What stands behind standard output and error: another encoding, no reader, a full device, nothing. Real processes."""

import errno
import json
import os
import re
import subprocess
import sys
from itertools import product

import pytest

import optbench
from optbench.board.submit import submit
from optbench.cli import app
from optbench.cli.guard import BROKEN_PIPE
from optbench.running.streams import ascii_of

SUITE = """
title = "Größen → Ω …"
seeds = 3
baseline = "naïve Ω"
[tuning]
method = "none"
[[workloads]]
name = "bowl-β"
title = "Bowl ↻"
function = "quadratic"
steps = 20
target = { metric = "train_loss", value = 1e-2 }
[[candidates]]
name = "naïve Ω"
optimizer = { name = "sgd", lr = 0.1 }
[[candidates]]
name = "Adam…"
optimizer = { name = "adam", lr = 0.1 }
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "suite.toml").write_text(SUITE, encoding="utf-8")
    for name in ("a", "b"):
        optbench.run(str(folder / "suite.toml"), "serial", folder / name, report=False)
    submit(folder / "a", folder, ["Ω"], "MIT", name="one")
    return folder


#: one call of each command, in the folder of `made`
CALLS = {
    "run": ["run", "suite.toml", "--engine", "serial", "--no-report", "--out", "{new}"],
    "plan": ["plan", "suite.toml", "--from", "a"],
    "status": ["status", "a"],
    "report": ["report", "a", "--out", "{new}.html"],
    "figures": ["figures", "a", "--out", "{new}", "--name", "leaderboard"],
    "data": ["data", "xor"],
    "pack": ["pack", "a", "--out", "{new}.sqlite.xz"],
    "targets": ["targets", "suite.toml", "--engine", "serial", "--runs", "{new}"],
    "compare": ["compare", "a", "b"],
    "explain": ["explain", "a", "naïve Ω", "Adam…", "--engine", "serial", "--out", "{new}"],
    "merge": ["merge", "a", "b", "--out", "{new}"],
    "reproduce": ["reproduce", "a"],
    "list": ["list"],
    "plugins": ["plugins"],
    "export": ["export", "a", "--format", "csv"],
    "submit": ["submit", "a", "--author", "Ω", "--licence", "MIT", "--out", "{new}", "--name", "one"],
    "verify": ["verify", "one-1", "--trials", "1", "--engine", "serial"],
    "board": ["board", "one-1", "--out", "{new}"],
    "summary": ["summary", "a", "--before", "b"],
    "lesson": ["lesson", "frameworks", "--out", "{new}"],
    "show": ["show", "adam"],
    "doctor": ["doctor", "--quick"],
    "frameworks": ["frameworks", "numpy"],
    "gradcheck": ["gradcheck", "dense"],
    "check": ["check", "sgd", "--verbose"],
    "new": ["new", "slow-start", "--kind", "schedule", "--out", "{new}"],
    "train": ["train", "--suite", "suite.toml", "--workload", "bowl-β", "--out", "{new}"],
}


def rarely(*cases):
    """Cases of a parameter that are tried in CI only: each starts a process."""
    return [pytest.param(*(c if isinstance(c, tuple) else (c,)), marks=pytest.mark.slow) for c in cases]


def command(call, new):
    return [sys.executable, "-m", "optbench.cli", *(part.format(new=new) for part in CALLS[call])]


def test_every_command_is_called_here():
    names = {c.name or c.callback.__name__.strip("_") for c in app.registered_commands}
    assert set(CALLS) == names


#: runs the commands of {name: arguments} in one process, for its start takes a second, and says how each ended
ALL = """
import json, pathlib, sys
from optbench import cli
from optbench.running.streams import prepare
prepare()
calls = json.loads(sys.argv[1])
ended = {}
for name, arguments in calls.items():
    print(f"== {name}", flush=True)
    ended[name] = cli.guarded(lambda: cli._invoke(arguments))
pathlib.Path("ended.json").write_text(json.dumps(ended))
"""


@pytest.mark.parametrize("encoding", rarely("ascii", "cp1252"))
def test_an_encoding_that_lacks_letters_ends_no_command(made, tmp_path, encoding):
    calls = {call: command(call, str(tmp_path / call))[3:] for call in CALLS}
    calls["json"] = ["status", "a", "--json"]
    ended = subprocess.run(
        [sys.executable, "-c", ALL, json.dumps(calls)], cwd=made, env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert json.loads((made / "ended.json").read_text()) == dict.fromkeys(calls, 0)
    told = dict(part.split(b"\n", 1) for part in re.split(rb"^== ", ended.stdout, flags=re.MULTILINE)[1:])
    assert "naïve Ω".encode() in told.pop(b"export")  # data, not words: UTF-8
    for text in told.values():
        text.decode(encoding)
    assert ("na\\xefve \\u03a9" if encoding == "ascii" else "naïve \\u03a9").encode(encoding) in told[b"report"]
    assert json.loads(told[b"json"])["title"] == "Größen → Ω …"
    assert "Größen → Ω …" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full is Linux's")
@pytest.mark.parametrize("call", ["list", "export", *rarely("plugins", "compare", "report", "merge")])
def test_a_full_device_is_one_message(made, tmp_path, call):
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            command(call, tmp_path / "new"), cwd=made, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == 2
    assert ended.stderr == f"error: standard output cannot be written: {os.strerror(errno.ENOSPC)}\n"


def gone():
    """The writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("call", ["list", "export", *rarely("plugins", "compare", "reproduce")])
def test_a_reader_that_left_ends_a_command_quietly(made, tmp_path, call):
    writing = gone()
    try:
        ended = subprocess.run(
            command(call, tmp_path / "new"), cwd=made, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)
    assert ended.returncode == BROKEN_PIPE
    assert ended.stderr == ""


def test_an_error_that_nobody_reads_keeps_its_status(made, tmp_path):
    writing = gone()
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "optbench.cli", "report", "nowhere"], cwd=made, stderr=writing, check=False
        )
    finally:
        os.close(writing)
    assert ended.returncode == 2


LEFT = {"run": "store.sqlite", "train": "train.html"}
OFTEN = [("run", (1,), "nobody"), ("run", (1, 2), "nothing"), ("train", (1,), "full")]
RARELY = [case for case in product(LEFT, [(1,), (1, 2)], ["nobody", "nothing", "full"]) if case not in OFTEN]


@pytest.mark.parametrize(
    ("call", "which", "behind"), [*OFTEN, *rarely(*RARELY)]
)
def test_training_outlives_its_reader(made, tmp_path, call, which, behind):
    if behind == "full" and not os.path.exists("/dev/full"):
        pytest.skip("a device that is always full is Linux's")
    arguments = command(call, tmp_path / "new")
    if call == "run":
        arguments[arguments.index("serial")] = "local:1"
    if behind == "nothing":
        # a shell can close a stream; `subprocess` cannot
        arguments = ["sh", "-c", '"$@"' + "".join(f" {number}>&-" for number in which), "sh", *arguments]
    writing = gone() if behind == "nobody" else os.open("/dev/full" if behind == "full" else os.devnull, os.O_WRONLY)
    try:
        ended = subprocess.run(
            arguments, cwd=made, check=False, text=True, stdout=writing,
            stderr=writing if 2 in which else subprocess.PIPE,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "new" / LEFT[call]).stat().st_size > 0
    if 2 not in which:
        assert ended.stderr.count("\n") == (behind == "full"), ended.stderr
    if call == "run":
        assert len(optbench.load(tmp_path / "new").trials) == 6
        assert "finished: 6/6" in (tmp_path / "new" / "run.log").read_text(encoding="utf-8")


CHATTY = '''
from dataclasses import dataclass
import sys
from optbench.contract.hookspecs import hookimpl
from optbench.builtin.optimizers import SGD
@dataclass(frozen=True)
class Chatty(SGD):
    """Prints."""
    name = "chatty"
    def init(self, *arguments):
        print("…", flush=True)
        print("…", flush=True, file=sys.stderr)
        return super().init(*arguments)
@hookimpl
def optbench_optimizers():
    return [Chatty]
'''


@pytest.mark.parametrize(
    ("engine", "behind"), [("local:1", "ascii"), *rarely(("local:1", "nobody"), ("serial", "ascii"))]
)
def test_what_a_component_prints_fails_no_trial(tmp_path, engine, behind):
    (tmp_path / "chatty.py").write_text(CHATTY, encoding="utf-8")
    info = tmp_path / "chatty-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: chatty\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[optbench]\nchatty = chatty\n")
    text = SUITE.replace('name = "adam"', 'name = "chatty"')
    (tmp_path / "suite.toml").write_text(text, encoding="utf-8")
    arguments = ["run", "suite.toml", "--engine", engine, "--no-report", "--out", "out"]
    writing = gone() if behind == "nobody" else os.open(os.devnull, os.O_WRONLY)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    if behind == "ascii":
        environment["PYTHONIOENCODING"] = "ascii:strict"
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "optbench.cli", *arguments], cwd=tmp_path, env=environment, check=False,
            stdout=writing, stderr=writing,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert ended.returncode == 0
    assert set(optbench.load(tmp_path / "out").trials["outcome"]) == {"done"}


@pytest.mark.parametrize(("character", "shown"), [("…", "..."), ("┌", "+"), ("⣿", "."), ("β", "\\u03b2"), ("−", "-")])
def test_lookalikes_are_ascii(character, shown):
    assert ascii_of(character) == shown
