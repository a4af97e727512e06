"""Seconds that this process ran: what a time limit counts.

A laptop that sleeps, a container that is frozen, a process that SIGSTOP holds: the clock of the wall goes on, and a
healthy trial would seem to have spent its time. So a thread looks at the clock every `TICK` seconds, and what is
between two looks counts as `SLICE` at most; more only where the processor was really busy for this process, as in a
long call that let no other thread run.
"""

import math
import threading
import time
from collections.abc import Callable
from functools import cache

TICK, SLICE = 0.1, 1.0


class AwakeClock:
    """Counts from when it is made. `look` is to be called again and again, `now` from any thread."""

    def __init__(self, wall: Callable[[], float] = time.monotonic, busy: Callable[[], float] = time.process_time):
        self.wall, self.busy = wall, busy
        #: replaced as a whole: seconds counted until the last look, and the clocks at that
        self.state = (0.0, wall(), busy())

    def look(self) -> None:
        self.state = (self.now(), self.wall(), self.busy())

    def now(self) -> float:
        counted, wall, busy = self.state
        elapsed = self.wall() - wall
        return counted + min(elapsed, max(SLICE, self.busy() - busy))


@cache
def _clock() -> AwakeClock:
    clock = AwakeClock()

    def run() -> None:
        while True:
            time.sleep(TICK)
            clock.look()

    threading.Thread(target=run, name="optbench-awake", daemon=True).start()
    return clock


def after(seconds: float | None) -> float:
    """The deadline in so many seconds from now; infinite where there is no limit."""
    return _clock().now() + seconds if seconds else math.inf


def expired(deadline: float) -> bool:
    """Whether a deadline that `after` gave has passed."""
    return deadline < math.inf and _clock().now() > deadline
