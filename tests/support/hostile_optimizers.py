"""A plugin of optimizers that raise, end their process, sleep, allocate, or write where they must not."""

import ctypes
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from optbench import Optimizer, hookimpl

#: seconds, longer than any test waits: whoever sleeps is ended by somebody
LONG = 600


@dataclass(frozen=True)
class Raises(Optimizer):
    name = "raises"

    def step(self, params, grads, state, context):
        if context.step == 5:
            raise RuntimeError("broken at step 5")


@dataclass(frozen=True)
class Exits(Optimizer):
    name = "exits"

    def step(self, params, grads, state, context):
        sys.exit("enough")


@dataclass(frozen=True)
class Dies(Optimizer):
    name = "dies"

    def step(self, params, grads, state, context):
        os._exit(3)


@dataclass(frozen=True)
class Segfaults(Optimizer):
    name = "segfaults"

    def step(self, params, grads, state, context):
        ctypes.string_at(0)


@dataclass(frozen=True)
class Sleeps(Optimizer):
    """Says in the file that OPTBENCH_TEST_PIDS names which process sleeps."""

    name = "sleeps"

    def step(self, params, grads, state, context):
        if "OPTBENCH_TEST_PIDS" in os.environ:
            with Path(os.environ["OPTBENCH_TEST_PIDS"]).open("a") as file:
                file.write(f"{os.getpid()}\n")
        time.sleep(LONG)


@dataclass(frozen=True)
class SleepsOnce(Optimizer):
    """Sleeps in the first process that runs it, and is plain descent in the next."""

    name = "sleeps-once"

    def step(self, params, grads, state, context):
        path = Path(os.environ["OPTBENCH_TEST_PIDS"])
        if not path.exists():
            path.write_text(f"{os.getpid()}\n")
            time.sleep(LONG)
        params -= 0.01 * grads


@dataclass(frozen=True)
class Waits(Optimizer):
    """Plain descent that says which process it is, and goes on when the file OPTBENCH_TEST_GO is there."""

    name = "waits"

    def step(self, params, grads, state, context):
        if context.step == 5:
            with Path(os.environ["OPTBENCH_TEST_PIDS"]).open("a") as file:
                file.write(f"{os.getpid()}\n")
            while not Path(os.environ["OPTBENCH_TEST_GO"]).exists():
                time.sleep(0.01)
        params -= 0.01 * grads


@dataclass(frozen=True)
class Hogs(Optimizer):
    """Keeps what it allocates, in pieces, where only the end of its process frees it."""

    name = "hogs"
    kept = []

    def step(self, params, grads, state, context):
        while True:
            self.kept.append(bytearray(10**7))


@dataclass(frozen=True)
class Crumbs(Optimizer):
    """The same in small pieces: in the end there is no memory for anything."""

    name = "crumbs"
    kept = []

    def step(self, params, grads, state, context):
        while True:
            self.kept.append(bytearray(100))


@dataclass(frozen=True)
class WritesNan(Optimizer):
    name = "writes-nan"

    def step(self, params, grads, state, context):
        params[0] = float("nan")


@hookimpl
def optbench_optimizers():
    return [Raises, Exits, Dies, Segfaults, Sleeps, SleepsOnce, Waits, Hogs, Crumbs, WritesNan]


@hookimpl
def optbench_trial_finished(trial, run, assignments):
    if "OPTBENCH_TEST_LOG" in os.environ:
        (purpose,) = assignments
        assert purpose.trial == trial
        with open(os.environ["OPTBENCH_TEST_LOG"], "a") as log:
            log.write(f"{trial.key} {run.outcome} {purpose.candidate} {purpose.phase}\n")
