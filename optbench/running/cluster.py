"""Trials on a Dask cluster: `--engine dask:tcp://host:8786`, or `dask:local` for one in this process.

A task on a Dask worker is a unit of work in a process of its own (see `process`), one for each thread of the worker.
So time limits, memory limits and crashes are what they are on one machine, a component that ends its process
leaves the worker alive, and a worker with eight threads computes on eight processors.

What happens to workers is Dask's matter: a unit whose worker died goes to another; one whose workers died again and
again (`distributed.scheduler.allowed-failures`) has crashed. Workers that join are used as soon as they are seen.
"""

import logging
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from typing import Any, Self

from optbench.contract.errors import OptbenchError
from optbench.registry.guest import Guest
from optbench.registry.registry import registry
from optbench.running.process import Crashed, RunsElsewhere, Slot
from optbench.running.worker import unfit
from optbench.store.environment import differences, environment, installed
from optbench.trials.trial import Run, Trial

#: Seconds in which a scheduler must answer, also after the connection was lost.
PATIENCE = 10.0
#: Seconds between two looks: at who works, and at whether anybody still waits for a unit.
LOOK = 2.0
#: Of a worker's environment: what may give its trials other bits than they would have here.
BITS = ("blas", "python", "packages.numpy", "packages.optbench", "code", "processor")
#: so many workers are named one by one
NAMED = 8
#: Seconds after which a process that no unit comes for is ended.
IDLE = 60.0


class DaskEngine:
    """Runs units of work as tasks of a Dask cluster.

    address   of its scheduler; "" for a cluster in this process
    threads   how many units at a time, of a cluster in this process
    limit     bytes of memory that the process of a unit may take; 0: any
    """

    def __init__(self, address: str, threads: int = 1, limit: int = 0):
        self.address, self.threads, self.limit = address, threads, limit
        self.providers: tuple[str, ...] = ()
        self.guests: tuple[Guest, ...] = ()
        self.leaving = False
        self._workers, self._looked = 1, float("-inf")

    def __enter__(self) -> Self:
        try:
            from distributed import Client, LocalCluster
        except ImportError as error:
            raise OptbenchError('--engine dask needs the extra: pip install "optbench[dask]"') from error
        self.stack = ExitStack()
        with self.stack:
            self.stack.enter_context(quiet())
            where: Any = self.address
            if not where:
                where = self.stack.enter_context(
                    LocalCluster(
                        n_workers=1, threads_per_worker=self.threads, processes=False, memory_limit=0,
                        dashboard_address=":0", silence_logs=logging.CRITICAL,
                    )
                )  # fmt: skip
            try:
                self.client = Client(where, timeout=PATIENCE, set_as_default=False)
            except (OSError, ValueError, TypeError) as error:
                raise OptbenchError(f"--engine dask:{self.address}: no scheduler answers there ({error})") from None
            self.stack.callback(self._leave)
            self.executor = self.client.get_executor(pure=False)
            self.stack = self.stack.pop_all()
        return self

    @property
    def workers(self) -> int:
        """Threads of all workers; at least 1, so that a cluster that grows on demand sees a demand."""
        if time.monotonic() - self._looked > LOOK:
            self._looked = time.monotonic()
            with suppress(Exception):  # a lost scheduler shows in the units
                self._workers = max(1, sum(self.client.nthreads().values()))
        return self._workers

    def expect(self, providers: Collection[str]) -> str:
        """OptbenchError where a worker lacks one of these, or has another version; those that join are asked later.

        A word on whom it waits for, if there is no worker yet; on workers whose trials may have other bits than here.
        """
        self.providers = (*sorted(providers), f"numpy {installed('numpy')}")
        self.guests = tuple(registry().guests)
        answers = self.client.run(unfit, self.providers, self.guests, on_error="return")
        wrong = []
        for worker, answer in sorted(answers.items()):
            if isinstance(answer, ImportError):
                answer = [f"{answer}: is optbench installed there?"]
            elif isinstance(answer, BaseException):
                answer = [str(answer)]
            wrong += [f"Dask worker {worker}: {message}" for message in answer]
        if wrong:
            raise OptbenchError("\n       ".join(wrong))
        if not answers:
            return f"the Dask scheduler at {self.address} has no workers yet: waiting for the first"
        return "\n".join(self._unlike())

    def _unlike(self) -> list[str]:
        """A warning for each kind of worker whose environment is another: its runs are told by that, not by ours."""
        here = environment(registry())
        kinds: dict[str, list[str]] = {}
        for worker, there in sorted(self.client.run(place, on_error="return").items()):
            if isinstance(there, Exception):  # it went away: its units say so
                continue
            unlike = differences(there, here, BITS)
            told = ", ".join(f"{name} {old or 'unknown'} (here {new})" for name, old, new in unlike)
            if told:
                kinds.setdefault(told, []).append(worker)
        lines = []
        for told, workers in kinds.items():
            more = f" and {len(workers) - NAMED} more" if len(workers) > NAMED else ""
            lines.append(f"warning: Dask worker {', '.join(workers[:NAMED])}{more}: {told}")
        return lines

    def submit(self, trials: Sequence[Trial], timeout: float | None) -> "Future[list[Run]]":
        outer: Future[list[Run]] = Future()
        try:
            inner = self.executor.submit(run_unit, list(trials), timeout, self.limit, self.providers, self.guests)
        except Exception as error:
            raise self._lost() from error
        inner.add_done_callback(lambda done: self._settle(done, outer))
        return outer

    def _settle(self, done: "Future[tuple[list[Run], dict[str, Any]]]", outer: "Future[list[Run]]") -> None:
        from distributed import KilledWorker

        if done.cancelled():
            outer.set_exception(self._lost())
        elif (error := done.exception()) is None:
            outer.set_result(RunsElsewhere(*done.result()))
        elif isinstance(error, KilledWorker):
            died = f"{error.allowed_failures + 1} Dask workers, one after another, died while they had it"
            outer.set_exception(Crashed(died, outside=True))
        else:
            outer.set_exception(error)

    def _lost(self) -> OptbenchError:
        return OptbenchError(
            f"the Dask scheduler at {self.address} went away; finished trials are kept, "
            "and the same command goes on from here"
        )

    def _leave(self) -> None:
        if not self.address:
            rest()
        with suppress(Exception):
            self.client.close(timeout=LOOK)

    def __exit__(self, *exception: object) -> None:
        self.stack.close()


@contextmanager
def quiet() -> Iterator[None]:
    """Dask's log says what the run says better."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado", "asyncio")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


# ------------------------------------------------------------------------------------------- on a Dask worker


class Place(threading.local):
    """What a thread of a Dask worker keeps from unit to unit: its process, while what it starts with is the same."""

    slot: Slot | None = None
    timer: threading.Timer | None = None


PLACE = Place()
#: the processes of this worker that wait for a unit
WAITING: set[Slot] = set()


@cache
def place() -> dict[str, Any]:
    """The environment of this worker, and of the processes that it starts."""
    return environment(registry())


def run_unit(
    trials: list[Trial], timeout: float | None, limit: int, providers: tuple[str, ...], guests: tuple[Guest, ...] = ()
) -> tuple[list[Run], dict[str, Any]]:
    """The runs of a unit, and where they were made.

    OptbenchError where this worker lacks what it needs; else as `WorkerProcess.run`.
    """
    from distributed import get_worker

    worker = get_worker()
    if PLACE.timer is not None:
        PLACE.timer.cancel()
    slot = PLACE.slot
    if slot is None or slot.closed or (slot.limit, slot.providers, slot.guests) != (limit, providers, guests):
        if slot is not None:
            slot.close()
        slot = PLACE.slot = Slot(limit, providers, guests)
    WAITING.discard(slot)
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=[worker, worker.get_current_task(), slot, ended], daemon=True)
    watch.start()
    try:
        return slot.run(trials, timeout), place()
    except OptbenchError as error:
        raise OptbenchError(f"Dask worker {worker.address}: {error}") from None
    finally:
        ended.set()
        WAITING.add(slot)
        PLACE.timer = threading.Timer(IDLE, slot.kill)
        PLACE.timer.daemon = True
        PLACE.timer.start()


def _watch(worker: Any, key: Any, slot: Slot, ended: threading.Event) -> None:
    """End a unit's process when nobody waits for it any more: its run was stopped or killed."""
    while not ended.wait(LOOK):
        task = worker.state.tasks.get(key)
        if task is None or task.state != "executing":
            slot.kill()
            return


def rest() -> None:
    """End the processes that wait for a unit: their run is over."""
    while WAITING:
        slot = WAITING.pop()
        slot.kill()
        slot.close()
