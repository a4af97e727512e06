"""Where trials run: one narrow protocol, `submit(trials, timeout) -> Future[list[Run]]`.

A unit of work is a few trials. Its future gives their runs, or raises `TimeoutError` where the unit was killed at
its time limit and `Crashed` where its process died; the runner decides what that means for each trial.
"""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Protocol, Self

from optbench import worker
from optbench.errors import OptbenchError, near
from optbench.trial import Run, Trial

#: A worker that ignores its own deadline (a component that sleeps) is killed this much later.
GRACE = 5.0
BLAS_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Crashed(Exception):
    """The process that ran a unit of work died."""


class Engine(Protocol):
    """Runs units of work. A context manager: leaving it stops what still runs."""

    workers: int

    def submit(self, trials: Sequence[Trial], timeout: float | None) -> "Future[list[Run]]": ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...


class SerialEngine:
    """Runs each unit in this process, at once."""

    workers = 1

    def submit(self, trials: Sequence[Trial], timeout: float | None) -> "Future[list[Run]]":
        future: Future[list[Run]] = Future()
        future.set_result(worker.run(trials, timeout))
        return future

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass


class LocalEngine:
    """N worker processes, spawned. One that dies or hangs takes only its own unit of work with it."""

    def __init__(self, workers: int):
        self.workers = workers

    def __enter__(self) -> Self:
        # Imported late: pebble starts multiprocessing's machinery.
        from pebble import ProcessPool

        with one_blas_thread():
            self.pool = ProcessPool(
                max_workers=self.workers, initializer=worker.start, context=get_context("spawn")
            )
            # Workers inherit the environment of the moment when they are started.
            for future in [self.pool.schedule(time.sleep, args=[0.05]) for _ in range(self.workers)]:
                future.result()
        return self

    def submit(self, trials: Sequence[Trial], timeout: float | None) -> "Future[list[Run]]":
        from pebble import ProcessExpired

        limit = None if timeout is None else timeout * len(trials) + GRACE
        inner = self.pool.schedule(worker.run, args=[list(trials), timeout], timeout=limit)
        outer: Future[list[Run]] = Future()

        def settle(done: "Future[list[Run]]") -> None:
            if done.cancelled():
                outer.cancel()
                return
            error = done.exception()
            if error is None:
                outer.set_result(done.result())
            elif isinstance(error, ProcessExpired):
                outer.set_exception(Crashed(f"the worker process died (exit status {error.exitcode})"))
            else:
                outer.set_exception(error)

        inner.add_done_callback(settle)
        return outer

    def __exit__(self, *exception: object) -> None:
        if any(exception):
            self.pool.stop()
        else:
            self.pool.close()
        self.pool.join()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """The environment in which a new process's linear algebra starts with one thread."""
    before = {name: os.environ.get(name) for name in BLAS_VARIABLES}
    os.environ.update(dict.fromkeys(BLAS_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def engine(text: str = "local") -> Engine:
    """The engine that an option names: "serial", "local" (a worker a core) or "local:N"."""
    kind, _, number = text.partition(":")
    if kind == "serial" and not number:
        return SerialEngine()
    if kind == "local":
        if not number:
            return LocalEngine(cores())
        if number.isdigit() and int(number) > 0:
            return LocalEngine(int(number))
        raise OptbenchError(f"--engine {text!r}: local:N needs a number of processes above 0, such as local:2")
    raise OptbenchError(f"--engine {text!r}: expected serial or local:N; {near(kind, ['serial', 'local'])}")
