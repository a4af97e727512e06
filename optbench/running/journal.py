"""What a run leaves beside its store for whoever looks later, or from another terminal.

    run.log    start, environment, problems, each trial or unit that failed, with its traceback; warnings; the end
    run.json   who runs, since when, how far: written again every two seconds, so that its age tells who is alive

Both are for people and for `optbench status`; results never depend on them. A log that cannot be written stops no run.
"""

import json
import logging
import os
import platform
import threading
import time
import traceback
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from optbench.contract.errors import OptbenchError
from optbench.contract.text import visible
from optbench.running.progress import Watcher, clock
from optbench.trials.trial import Assignment, Run, Trial

LOG, BEAT = "run.log", "run.json"
#: seconds between two writings of run.json
EVERY = 2.0
#: of one run in the log; and of the file, which is set aside as run.log.old above it
MOST_LINES, MOST_TRACEBACKS, MOST_BYTES = 5_000, 100, 10_000_000
#: characters of one message or traceback
LONGEST = 8_000
#: shares of the run at which its estimates are compared with the truth, at its end
CHECKED = (0.1, 0.25, 0.5)
MENDABLE = ("error", "crashed", "timeout")


class Journal(Watcher):
    """Passes everything on to another watcher, and writes it down. A context manager around a whole run."""

    def __init__(self, folder: Path, inner: Watcher, engine: str, title: str):
        super().__init__()
        self.inner, self.folder = inner, folder
        self.outcomes = inner.outcomes
        self.facts: dict[str, Any] = {
            "state": "running", "stage": "starting", "title": title, "engine": engine,
            "pid": os.getpid(), "host": platform.node(), "started": now(),
        }  # fmt: skip
        self.lines = self.tracebacks = 0
        #: (when, seconds left), and when training began and ended
        self.estimates: list[tuple[float, float]] = []
        self.training: list[float] = []
        self.ended = threading.Event()
        self.log = logging.Logger("optbench.run")  # of its own: no handlers of the program that calls optbench
        self.beat = threading.Thread(target=self._beat, name="optbench-beat", daemon=True)

    # -------------------------------------------------------------------------------------- what a watcher is told

    def expect(self, trials: int, estimate: Any = None, workers: int = 1) -> None:
        self.inner.expect(trials, estimate, workers)
        self.note(f"{trials} trials are expected, on {workers} workers")
        self.facts["stage"] = "training"
        self.training = [time.monotonic()]
        self._write()

    def more(self, trials: int, work: Mapping[tuple[str, str], float]) -> None:
        self.inner.more(trials, work)
        self.facts["stage"] = "training"
        self._write()

    def opened(self, text: str) -> None:
        self.facts["open"] = text
        self.inner.opened(text)
        self._write()

    def planned(
        self, assignments: Sequence[Assignment], kept: Container[str], shared: Container[str] = frozenset()
    ) -> None:
        self.inner.planned(assignments, kept, shared)

    def settled(self, parts: Sequence[tuple[Assignment, ...]], submitted: float) -> None:
        self.inner.settled(parts, submitted)

    def finished(self, trial: Trial, run: Run, purposes: Sequence[Assignment] = ()) -> None:
        self.inner.finished(trial, run, purposes)
        if run.outcome in MENDABLE:
            which = ", ".join(f"{a.candidate} on {a.workload} ({a.phase} {a.number})" for a in purposes)
            self.warn(f"{run.outcome}: {which or trial.key}, seed {trial.seed}: {run.message}", run.traceback)
        self._remember()

    def stage(self, text: str) -> None:
        self.facts["stage"] = text
        self.inner.stage(text)
        self.note(text)
        self._write()

    def say(self, text: str) -> None:
        self.inner.say(text)
        (self.warn if text.startswith("warning") else self.note)(text)

    def tick(self) -> None:
        self.inner.tick()

    # ---------------------------------------------------------------------------------------------------- the log

    def note(self, text: str) -> None:
        self._line(logging.INFO, text)

    def warn(self, text: str, trace: str = "") -> None:
        if trace:
            self.tracebacks += 1
            if self.tracebacks > MOST_TRACEBACKS:
                trace = "(the traceback is in the store: so many are written here already)"
        self._line(logging.WARNING, f"{text[:LONGEST]}\n{trace[-LONGEST:]}" if trace else text)

    def _line(self, level: int, text: str) -> None:
        self.lines += 1
        if self.lines == MOST_LINES:
            text = "so many lines are enough: the rest of this run is not written here; the store has every failure"
        if self.lines <= MOST_LINES or level >= logging.ERROR:
            # a component's message must not look like lines of the log's own
            self.log.log(level, "%s", visible(text[:2 * LONGEST], keep="\n"))

    def __enter__(self) -> Self:
        path = self.folder / LOG
        with suppress(OSError):
            if path.exists() and path.stat().st_size > MOST_BYTES:
                path.replace(path.with_name(f"{LOG}.old"))
        try:
            handler = logging.FileHandler(path, encoding="utf-8", delay=False)
        except OSError as error:
            self.inner.say(f"warning: {path} cannot be written ({error.strerror}): this run has no log")
        else:
            handler.setFormatter(_Formatter())
            handler.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk stops no run
            self.log.addHandler(handler)
        self._write()
        self.beat.start()
        return self

    def __exit__(self, *exception: object) -> None:
        kind, error = exception[:2]
        state = "finished" if kind is None else "stopped" if kind is KeyboardInterrupt else "failed"
        self.ended.set()
        self.beat.join()
        self.facts["state"] = state
        if isinstance(error, OptbenchError):
            self._line(logging.ERROR, str(error))
        elif isinstance(error, Exception):
            self._line(logging.ERROR, "".join(traceback.format_exception(error)))
        for line in self.judged():
            self.note(line)
        self._line(logging.ERROR if state == "failed" else logging.INFO, f"{state}: {self.inner.line()}")
        self._write()
        for handler in list(self.log.handlers):
            with suppress(OSError):
                handler.close()
            self.log.removeHandler(handler)

    # ------------------------------------------------------------------------------------------------- estimates

    def _remember(self) -> None:
        when = time.monotonic()
        if self.estimates and when - self.estimates[-1][0] < 0.5:
            return
        left = self.inner.seconds_left
        if left is not None:
            self.estimates.append((when, left))
            if len(self.estimates) > 2000:  # every other one: they stay evenly spread
                self.estimates = self.estimates[::2]

    def trained(self) -> None:
        """Training is over: what was said of its end can be judged."""
        self.training.append(time.monotonic())

    def judged(self) -> list[str]:
        """What the run said of its own end, and what was true; nothing for a run of a few seconds."""
        if len(self.training) < 2 or not self.estimates or self.training[1] - self.training[0] < 5:
            return []
        begin, end = self.training
        lines = []
        for share in CHECKED:
            at = begin + share * (end - begin)
            when, left = min(self.estimates, key=lambda item: abs(item[0] - at))
            said, true = clock(left), clock(end - when)
            lines.append(f"after {share:.0%} of the training {said} were expected to be left: it was {true}")
        return lines

    # -------------------------------------------------------------------------------------------------- heartbeat

    def _beat(self) -> None:
        while not self.ended.wait(EVERY):
            self._write()

    def _write(self) -> None:
        inner = self.inner
        left = inner.seconds_left if self.facts["state"] == "running" else None
        outcomes = dict(inner.outcomes)
        text = json.dumps(
            {
                **self.facts, "updated": now(), "done": sum(outcomes.values()), "kept": inner.kept,
                "expected": inner.total, "failed": inner.failed, "outcomes": outcomes,
                "per_second": round(inner.per_second, 3), "seconds_left": None if left is None else round(left, 3),
            }
        )  # fmt: skip
        with suppress(OSError):
            write_whole(self.folder / BEAT, text)


class _Formatter(logging.Formatter):
    """2026-01-31T12:00:00Z WARNING text; further lines are indented: each record begins at the margin."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{when} {record.levelname} {record.getMessage()}".rstrip().replace("\n", "\n    ")


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_whole(path: Path, text: str) -> None:
    """Readers see the old text or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def last_beat(folder: Path) -> dict[str, Any] | None:
    """What run.json says; None where there is none that can be read."""
    try:
        if (folder / BEAT).stat().st_size > 100_000:
            return None
        found = json.loads((folder / BEAT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def holder(folder: Path) -> str:
    """Who runs in this folder, as far as run.json says."""
    beat = last_beat(folder)
    if beat is None:
        return "a process that has not said who it is yet"
    return f"process {beat.get('pid')} on {beat.get('host')} since {beat.get('started')}"


def describe(environment: Mapping[str, Any]) -> list[str]:
    """An environment as lines of a log."""
    return [f"{name}: {value}" for name, value in environment.items()]
