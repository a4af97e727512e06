"""What runs where trials run: in this process, in a worker, on a cluster. Takes and gives plain data."""

import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Collection, Hashable, Iterator, Sequence
from typing import Any, BinaryIO

from threadpoolctl import threadpool_limits

from optbench.contract.errors import OptbenchError
from optbench.registry.guest import Guest
from optbench.registry.guests import admit
from optbench.registry.registry import registry
from optbench.running.process import OUT_OF_MEMORY, Crashed
from optbench.running.streams import prepare
from optbench.training import memory
from optbench.training.assembly import assemble, stack_key, stack_limit
from optbench.training.blame import blame
from optbench.training.trainer import collect
from optbench.trials.trial import Run, Trial


def serve() -> None:
    """The life of a worker process: units of work come by its standard input, their runs go by its standard output.

    Replies are ("ready", None), ("runs", list), ("last", list) before it ends itself, ("error", exception).
    """
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a component prints must not come between.
    sys.stdout.flush()
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    prepare(endures=True)
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    try:
        limit, providers, guests = pickle.load(requests)
    except EOFError:  # the parent ended while this process began
        os._exit(0)
    threading.Thread(target=_listen, args=[requests, inbox], daemon=True).start()
    try:
        start(limit)
        wrong = unfit(providers, guests)
        _reply(replies, ("error", OptbenchError("; ".join(wrong))) if wrong else ("ready", None))
        while True:
            trials, timeout = inbox.get()
            reply = _answer(trials, timeout)
            _reply(replies, reply)
            if memory.met():  # what it allocated may still be there
                os._exit(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:  # the parent died: so does this process, now, and in silence
        os._exit(0)


def _listen(requests: BinaryIO, inbox: "queue.SimpleQueue[Any]") -> None:
    """Pass on what comes, and end the process where nothing more can: also in the middle of a trial."""
    try:
        while True:
            inbox.put(pickle.load(requests))
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _reply(replies: BinaryIO, reply: tuple[str, Any]) -> None:
    replies.write(pickle.dumps(reply, pickle.HIGHEST_PROTOCOL))
    replies.flush()


def _answer(trials: Sequence[Trial], timeout: float | None) -> tuple[str, Any]:
    try:
        runs = run(trials, timeout)
    except OptbenchError as error:  # what this run was planned with is not what is here
        return "error", error
    except Exception as error:
        if memory.blamed(error):
            raise MemoryError from None
        return "error", RuntimeError(f"a worker failed:\n{traceback.format_exc()}")
    if memory.met():
        memory.relax()
        if len(trials) > 1:  # the others may have suffered from it
            return "error", Crashed("the memory limit was exceeded")
        return "last", runs
    return "runs", runs


def start(limit: int = 0) -> None:
    """Called once in a new worker process: one BLAS thread, a memory limit; Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1)
    registry()
    memory.limit(limit)


def unfit(providers: Collection[str], guests: Sequence[Guest] = ()) -> list[str]:
    """What of these ("optbench-lion 0.1.0", "numpy 2.1.0") is not installed here, or is broken: a message each.

    guests   are made here, and registered
    """
    from optbench.store.environment import installed

    found = admit(registry(), guests)
    offered = {plugin.distribution: plugin.version for plugin in registry().plugins.values()}
    for provider in providers:
        name, _, wanted = provider.rpartition(" ")
        here = offered.get(name) or installed(name)
        if here == "not installed":
            found.append(f"{provider} is needed, but it is not installed")
        elif here != wanted:
            found.append(f"{provider} is needed, but there is {name} {here}")
        elif name not in offered and name != "numpy":
            why = [str(problem) for problem in registry().problems if name in str(problem)]
            found.append(": ".join([f"{provider} is installed, but not loaded", *why[:1]]))
    return found


def run(trials: Sequence[Trial], timeout: float | None = None) -> list[Run]:
    """Run trials, those that share a network in stacks. The bits are those of each trial by itself."""
    for trial in trials:
        check_sources(trial)
    runs: dict[str, Run] = {}
    with threadpool_limits(1):
        for stack in stacks(trials):
            runs.update(zip((t.key for t in stack), run_stack(stack, timeout), strict=True))
    return [runs[trial.key] for trial in trials]


def check_sources(trial: Trial) -> None:
    """OptbenchError where the code of a trial's components is not the one that its key was made with."""
    for label, known in trial.sources.items():
        kind, _, name = label.partition(":")
        if kind == "data":  # compared when they are read
            continue
        if registry().code(label) != known:
            what = "optbench" if kind == "engine" else f"{kind} {name}"
            raise OptbenchError(
                f"the source of {what} is not the one that this run was planned with: it has changed since, or is "
                "another on this machine. Finished trials are kept; start the run again"
            )


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
    except (Exception, SystemExit) as error:
        if len(trials) == 1:
            if memory.blamed(error):
                memory.relax()
            lines = "".join(traceback.format_exception(error))
            return [Run("error", message=blame(error), traceback=lines)]
        return [run_stack([trial], timeout)[0] for trial in trials]
    if len(trials) > 1 and any(run.outcome == "timeout" for run in runs):
        return [run_stack([trial], timeout)[0] for trial in trials]
    return runs
