"""A worker process as its parent sees it: one pipe to it, one from it, nothing shared.

Not a pool of `multiprocessing`: nothing that one worker holds can block another when it is killed; time limits
count what was really run (a process that is stopped spends nothing); a worker ends when its parent does, however that
ended, since its pipe does; it may be started within a daemon (a Dask worker is one), and has no need of
`if __name__ == "__main__"`.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from optbench.contract.errors import OptbenchError
from optbench.registry.guest import Guest
from optbench.training import memory
from optbench.training.awake import TICK, AwakeClock
from optbench.trials.trial import Run, Trial

#: A worker that ignores its own deadline (a component that sleeps) is killed this much later, in seconds.
GRACE = 5.0
BLAS_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
#: Exit status of a worker that had no memory left to say so.
OUT_OF_MEMORY = 77
#: Signals that come from outside: the system where memory runs out, a cluster that preempts, a person.
OUTSIDE = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT")
#: the worker processes of this one
LIVING: set["subprocess.Popen[bytes]"] = set()


class RunsElsewhere(list[Run]):
    """The runs of a unit, with the environment that they were made in where that is not this process's."""

    def __init__(self, runs: Iterable[Run], environment: Mapping[str, Any]):
        super().__init__(runs)
        self.environment = environment


class Crashed(Exception):
    """The process that ran a unit of work died.

    outside   whether something else than what it ran may have killed it
    """

    def __init__(self, message: str, outside: bool = False):
        super().__init__(message)
        self.outside = outside

    def __reduce__(self) -> tuple[Any, ...]:
        return Crashed, (str(self), self.outside)


class WorkerProcess:
    """A process that runs units of work, one after another. Used by one thread; any may `kill` it.

    limit      bytes of memory that it may take; 0: any
    providers  what must be installed in it, such as "optbench-lion 0.1.0": see `optbench.running.worker.unfit`
    guests     components that it is given

    OptbenchError where it does not start, or is unfit.
    """

    def __init__(self, limit: int = 0, providers: Collection[str] = (), guests: Sequence[Guest] = ()):
        self.limit = limit
        self.usable = True
        self.expired = False
        # The parent's path: what it can import, the worker can. Its own process group: Ctrl-C is the parent's.
        code = f"import sys; sys.path[:] = {sys.path!r}; from optbench.running.worker import serve; serve()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **dict.fromkeys(BLAS_VARIABLES, "1")},
            **({"process_group": 0} if os.name == "posix" else {}),
        )  # type: ignore[call-overload]
        LIVING.add(self.process)
        try:
            self._send((limit, sorted(providers), list(guests)))
            kind, value = self._receive()
        except (EOFError, OSError):
            self.kill()
            self.close()
            raise OptbenchError(f"a worker process could not start: it {self._end()}") from None
        if kind != "ready":
            self.close()
            raise value

    def run(self, trials: Sequence[Trial], timeout: float | None) -> list[Run]:
        """The runs of a unit of work. TimeoutError where it was killed for its time limit, Crashed where it died.

        timeout    seconds a trial; a worker keeps them itself, unless a component does not return
        """
        answered = threading.Event()
        if timeout is not None:
            limit = timeout * len(trials) + GRACE
            threading.Thread(target=self._watch, args=[limit, answered], daemon=True).start()
        try:
            self._send((list(trials), timeout))
            kind, value = self._receive()
        except (EOFError, OSError):
            self.kill()
            if self.expired:
                raise TimeoutError from None
            raise self._crash() from None
        except pickle.UnpicklingError:  # what the process wrote when it was killed
            self.kill()
            raise self._crash() from None
        finally:
            answered.set()
        self.usable = kind == "runs" and not self.expired
        if kind in ("runs", "last"):
            return value
        raise value

    def kill(self) -> None:
        self.usable = False
        with suppress(OSError):
            self.process.kill()
        self.process.wait()
        LIVING.discard(self.process)

    def close(self) -> None:
        """Let it end: it does when nothing more can come."""
        self.usable = False
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                _open(pipe).close()
        try:
            self.process.wait(timeout=2)
            LIVING.discard(self.process)
        except subprocess.TimeoutExpired:
            self.kill()

    def _watch(self, limit: float, answered: threading.Event) -> None:
        """Kill it where it ran for so long without an answer. While it or this process is stopped no time passes."""
        clock = AwakeClock()
        spent = before = 0.0
        while not answered.wait(TICK):
            clock.look()
            now = clock.now()
            if not self._stopped():
                spent += now - before
            before = now
            if spent > limit:
                self.expired = True
                self.kill()
                return

    def _stopped(self) -> bool:
        """Whether a signal stopped it; False where the system does not tell."""
        if not hasattr(os, "waitid"):
            return False
        with suppress(OSError):  # it has ended
            return os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
        return False

    def _send(self, value: Any) -> None:
        pipe = _open(self.process.stdin)
        pipe.write(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        pipe.flush()

    def _receive(self) -> Any:
        return pickle.load(_open(self.process.stdout))

    def _crash(self) -> Crashed:
        status = self.process.returncode
        if status == OUT_OF_MEMORY and self.limit:
            return Crashed(memory.exceeded(self.limit))
        return Crashed(f"the worker process {self._end()}", outside=status < 0 and _signal(-status) in OUTSIDE)

    def _end(self) -> str:
        status = self.process.returncode
        return f"was killed by {_signal(-status)}" if status < 0 else f"ended itself (exit status {status})"


class Slot:
    """A place for one worker process at a time: one that died is replaced when it is needed.

    Used by one thread; any may `kill` what runs.
    """

    def __init__(self, limit: int = 0, providers: Collection[str] = (), guests: Sequence[Guest] = ()):
        self.limit, self.providers, self.guests = limit, providers, tuple(guests)
        self.process: WorkerProcess | None = None
        self.closed = False
        self.lock = threading.Lock()

    def ready(self) -> WorkerProcess:
        """The process, started if there is none."""
        if self.process is None or not self.process.usable:
            if self.process is not None:
                self.process.close()
            process = WorkerProcess(self.limit, self.providers, self.guests)
            with self.lock:
                self.process = process
                if self.closed:
                    process.kill()
        return self.process

    def run(self, trials: Sequence[Trial], timeout: float | None) -> list[Run]:
        """See `WorkerProcess.run`."""
        return self.ready().run(trials, timeout)

    def kill(self) -> None:
        """End it now, for good."""
        with self.lock:
            self.closed = True
            if self.process is not None:
                self.process.kill()

    def close(self) -> None:
        if self.process is not None:
            self.process.close()


def kill_all() -> None:
    """End every worker process of this one, whatever its threads wait for, without waiting for any."""
    for process in list(LIVING):
        with suppress(OSError):
            process.kill()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
