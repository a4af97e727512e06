"""How long one waits for an answer: commands from the start of their process to its end, beside the time they may take.

The times are those of whole processes, imports included, once their modules are compiled. The last is of a run: until
its first trial is finished, which takes a single step itself, by a worker process that is started for it.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from peers.rows.base import Family, Row, Samples
from peers.timing import CLOCK, Contender

#: name -> (what it is, seconds that it may take)
REACH = {
    "help": ("optbench --help", 0.15),
    "list": ("optbench list", 0.15),
    "run": ("a run up to its first trial", 1.0),
}
SUITE = """
title = "First"
seeds = 1
[tuning]
trials = 8
[[workloads]]
name = "bowl"
function = "quadratic"
steps = 1
[[candidates]]
name = "adam"
optimizer = { name = "adam", search = ["lr"] }
"""
UP_TO_FIRST = """
import sys
import optbench
from optbench.running.progress import Watcher

class First(Watcher):
    def finished(self, trial, run, purposes):
        sys.exit(run.outcome != "done")

optbench.run("suite.toml", "local:1", "out", report=False, fresh=True, watcher=First())
"""


class Command(Contender):
    """A whole Python process a step."""

    def __init__(self, words: list[str], note: str):
        self.folder = tempfile.TemporaryDirectory()
        (Path(self.folder.name) / "suite.toml").write_text(SUITE)
        self.command = [sys.executable, *words]
        self.note = note
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.run(1)  # what it imports is compiled now

    def run(self, steps: int) -> float:
        start = now()
        for _ in range(steps):
            done = subprocess.run(self.command, cwd=self.folder.name, env=self.environment, capture_output=True)
            if done.returncode:
                raise RuntimeError(f"{' '.join(self.command)} failed: {done.stderr.decode().strip()[-500:]}")
        return now() - start

    def close(self) -> None:
        self.folder.cleanup()


def now() -> float:
    """Seconds, of the processor where they are those of a clock: then of all processes that have ended."""
    if os.environ.get(CLOCK) != "processor":
        return perf_counter()
    times = os.times()
    return times.children_user + times.children_system


def command(*words: str, note: str = "a process") -> Callable[[], Contender]:
    return lambda: Command(list(words), note)


def reaches(samples: Samples) -> Samples:
    """The seconds that each may take, as if they were a contender's."""
    rounds = len(next(iter(samples.values())))
    return {f"{seconds:g} s": [seconds] * rounds for _, seconds in REACH.values()}


FAMILY = Family(
    rows=tuple(
        Row(f"{work}, from the start of the process", f"{seconds:g} s", 1.0, over=name, under=f"{seconds:g} s")
        for name, (work, seconds) in REACH.items()
    ),
    makers={
        "help": command("-m", "optbench.cli", "--help"),
        "list": command("-m", "optbench.cli", "list"),
        "run": command("-c", UP_TO_FIRST, note="local:1, its worker's start included"),
    },
    unit="process",
    derive=reaches,
    rounds=15,
    slot=0.0,
    warm_up=0.0,
    pinned=False,
)
