"""What runs where trials run: in this process, in a worker, on a cluster. Takes and gives plain data."""

import signal
import traceback
from collections.abc import Hashable, Iterator, Sequence

from threadpoolctl import threadpool_limits

from optbench.assembly import assemble, stack_key, stack_limit
from optbench.blame import blame
from optbench.registry import registry
from optbench.trainer import collect
from optbench.trial import Run, Trial


def start() -> None:
    """Called once in a new worker process: one BLAS thread, and Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1)
    registry()


def run(trials: Sequence[Trial], timeout: float | None = None) -> list[Run]:
    """Run trials, those that share a network in stacks. The bits are those of each trial by itself."""
    runs: dict[str, Run] = {}
    with threadpool_limits(1):
        for stack in stacks(trials):
            runs.update(zip((t.key for t in stack), run_stack(stack, timeout), strict=True))
    return [runs[trial.key] for trial in trials]


def stacks(trials: Sequence[Trial]) -> Iterator[list[Trial]]:
    """Trials in groups that can be trained together, each as large as pays."""
    groups: dict[Hashable, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(stack_key(trial), []).append(trial)
    for group in groups.values():
        limit = stack_limit(group[0], registry()) if len(group) > 1 else 1
        # Stacks of nearly equal size: 9 trials make 5 and 4, not 8 and 1.
        count = -(-len(group) // limit)
        for number in range(count):
            yield group[number::count]


def run_stack(trials: Sequence[Trial], timeout: float | None) -> list[Run]:
    """The runs of trials that share their `stack_key`.

    Where one of them breaks what they share, or may have spent the others' time, each is run again by itself.
    A trial that cannot even be assembled has the outcome `error`.
    """
    try:
        runs = collect(assemble(trials, registry(), timeout and timeout * len(trials)))
    except Exception as error:
        if len(trials) == 1:
            lines = "".join(traceback.format_exception(error))
            return [Run("error", message=blame(error), traceback=lines)]
        return [run_stack([trial], timeout)[0] for trial in trials]
    if len(trials) > 1 and any(run.outcome == "timeout" for run in runs):
        return [run_stack([trial], timeout)[0] for trial in trials]
    return runs
