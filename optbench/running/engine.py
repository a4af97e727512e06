"""Where trials run: one narrow protocol, `submit(trials, timeout) -> Future[list[Run]]`.

A unit of work is a few trials. Its future gives their runs (`RunsElsewhere` from other machines), or raises
`TimeoutError` where the unit was killed at its time limit and `Crashed` where its process died; the runner decides what
that means for each trial.
"""

import os
import queue
import threading
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Protocol, Self

from optbench.contract.errors import OptbenchError, near
from optbench.registry.registry import registry
from optbench.running import worker
from optbench.running.process import Slot
from optbench.training.memory import share
from optbench.trials.trial import Run, Trial

#: a unit of work on its way: where its runs go, its trials, the seconds that each may take
Unit = tuple["Future[list[Run]]", Sequence[Trial], float | None]


class Engine(Protocol):
    """Runs units of work. A context manager: leaving it stops what still runs."""

    #: bytes of memory that a worker process may take; 0: any
    limit: int

    @property
    def workers(self) -> int:
        """How many units run at the same time; may change in the course of a run."""

    def expect(self, providers: Collection[str]) -> str | None:
        """Told once, before the first unit, whose components will be used, such as "optbench-lion 0.1.0".

        What it gives, if anything, is shown to the user.
        """

    def submit(self, trials: Sequence[Trial], timeout: float | None) -> "Future[list[Run]]": ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...


class SerialEngine:
    """Runs each unit in this process, at once."""

    workers = 1
    limit = 0

    def expect(self, providers: Collection[str]) -> None:
        """Nothing to do: trials run in this process."""

    def submit(self, trials: Sequence[Trial], timeout: float | None) -> "Future[list[Run]]":
        future: Future[list[Run]] = Future()
        future.set_result(worker.run(trials, timeout))
        return future

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass


class LocalEngine:
    """N worker processes. One that dies or hangs takes only its own unit of work with it.

    memory   bytes that each may take; None: an equal share of this machine's, or 2 GB; 0: no limit
    """

    def __init__(self, workers: int, memory: int | None = None):
        self.workers = workers
        self.limit = share(workers) if memory is None else memory

    def __enter__(self) -> Self:
        self.units: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self.stopping = False
        guests = registry().guests
        self.slots = [Slot(self.limit, guests=guests) for _ in range(self.workers)]
        # Daemons: a second Ctrl-C while they are being stopped ends the program at once.
        self.threads = [threading.Thread(target=self._work, args=[slot], daemon=True) for slot in self.slots]
        for thread in self.threads:
            thread.start()
        return self

    def expect(self, providers: Collection[str]) -> None:
        """Nothing to do: workers import what this process does."""

    def submit(self, trials: Sequence[Trial], timeout: float | None) -> "Future[list[Run]]":
        future: Future[list[Run]] = Future()
        self.units.put((future, trials, timeout))
        return future

    def _work(self, slot: Slot) -> None:
        with suppress(OptbenchError):  # its unit's, in a moment
            slot.ready()
        while (unit := self.units.get()) is not None:
            future, trials, timeout = unit
            if self.stopping or not future.set_running_or_notify_cancel():
                continue
            try:
                runs = slot.run(trials, timeout)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(runs)
        slot.close()

    def __exit__(self, *exception: object) -> None:
        if any(exception):
            self.stopping = True
            for slot in self.slots:
                slot.kill()
        for _ in self.threads:
            self.units.put(None)
        for thread in self.threads:
            thread.join()


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


#: processes of one machine, more than any has use for
MOST = 10_000


def processes(number: str) -> int:
    """How many a text asks for; 0 where it is no such number."""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 9 and int(number) <= MOST else 0


def engine(text: str = "local", memory: int | None = None) -> Engine:
    """The engine that an option names: "serial", "local" (a worker a core), "local:N", "dask:ADDRESS", "dask:local:N".

    memory   bytes that a worker process may take; None: see `LocalEngine`; no limit on a cluster of other machines
    """
    kind, _, number = text.partition(":")
    if kind == "serial" and not number:
        if memory:
            raise OptbenchError("--memory needs worker processes: --engine local, not serial")
        return SerialEngine()
    if kind == "local":
        if not number:
            return LocalEngine(cores(), memory)
        if processes(number):
            return LocalEngine(processes(number), memory)
        raise OptbenchError(f"--engine {text!r}: local:N needs a number of processes in [1, {MOST}], such as local:2")
    if kind == "dask" and number:
        from optbench.running.cluster import DaskEngine

        where, _, threads = number.partition(":")
        if where != "local":
            return DaskEngine(number, limit=memory or 0)
        if not threads or processes(threads):
            count = processes(threads) or cores()
            return DaskEngine("", count, share(count) if memory is None else memory)
        raise OptbenchError(f"--engine {text!r}: dask:local:N needs a number of processes in [1, {MOST}]")
    raise OptbenchError(
        f"--engine {text!r}: expected serial, local:N, dask:ADDRESS or dask:local:N; "
        + near(kind, ["serial", "local", "dask"])
    )
