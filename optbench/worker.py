"""What runs where trials run: in this process, in a worker, on a cluster. Takes and gives plain data."""

import signal
import traceback
from collections.abc import Sequence

from threadpoolctl import threadpool_limits

from optbench.assembly import assemble
from optbench.registry import registry
from optbench.trainer import collect
from optbench.trial import Run, Trial


def start() -> None:
    """Called once in a new worker process: one BLAS thread, and Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1)
    registry()


def run(trials: Sequence[Trial], timeout: float | None = None) -> list[Run]:
    """Run trials one after the other. A trial that cannot even be assembled has the outcome `error`."""
    with threadpool_limits(1):
        return [_run_one(trial, timeout) for trial in trials]


def _run_one(trial: Trial, timeout: float | None) -> Run:
    try:
        return collect(assemble([trial], registry(), timeout))[0]
    except Exception as error:
        return Run(
            "error",
            message=f"{type(error).__name__}: {error}",
            traceback="".join(traceback.format_exception(error)),
        )
