"""What other programs take of the machine while steps are timed: on a loaded machine a cost is no cost."""

import os
import time
from pathlib import Path

#: of the first line of /proc/stat: user, nice, system, and after idle and waiting: interrupts, and what a host takes
WORK = (0, 1, 2, 5, 6, 7)
#: so much of a processor others may have before costs of steps are doubtful
CALM = 0.25


def busy_seconds() -> float | None:
    """Seconds that this machine's processors have worked, all together, since it was started; None: not told here."""
    try:
        counts = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
        return sum(int(counts[i]) for i in WORK) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


class Others:
    """How many processors others kept busy, on average, since this was made."""

    def __init__(self) -> None:
        self._busy, self._own, self._start = busy_seconds(), time.process_time(), time.monotonic()

    def processors(self) -> float | None:
        """None where the system does not tell."""
        busy, passed = busy_seconds(), time.monotonic() - self._start
        if busy is None or self._busy is None or passed <= 0:
            return None
        return max(0.0, busy - self._busy - (time.process_time() - self._own)) / passed


def load_average() -> float | None:
    """Processes that wanted to run in the last minute, on average; None where the system does not tell."""
    try:
        return os.getloadavg()[0]
    except (OSError, AttributeError):
        return None
