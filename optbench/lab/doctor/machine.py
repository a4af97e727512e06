"""The machine as it is now: disk, load, clock, processors."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from optbench.lab.doctor.finding import Finding, Verdict
from optbench.running.load import CALM, Others

#: bytes: a run of `standard` takes tens of MB; below the second nothing is safe
ROOMY, TIGHT = 10**9, 10**8
#: bytes that are written for a try, and how many a second are few
WRITTEN, SLOW = 8 * 2**20, 10 * 2**20
#: seconds that load and clock are watched; two clocks may part by so many seconds meanwhile
WATCHED, PARTED = 0.5, 0.05
#: seconds: a step takes tens of microseconds
FINE = 1e-6
CGROUP, FREQUENCY = Path("/sys/fs/cgroup"), Path("/sys/devices/system/cpu/cpu0/cpufreq")


def disk(folder: Path) -> Iterator[Finding]:
    """Space and speed of the place where results go; nothing stays there."""
    place = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    if not place.is_dir():
        yield Finding("fault", "disk", f"{place} is a file", "choose another folder for results: --out")
        return
    free = shutil.disk_usage(place).free
    told = f"{free / 1e9:.3g} GB are free for {folder}"
    verdict: Verdict = "ok" if free >= ROOMY else "caution" if free >= TIGHT else "fault"
    yield Finding(verdict, "disk", told, "" if verdict == "ok" else "make room, or give another folder: --out")
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            block = os.urandom(WRITTEN)
            start = time.perf_counter()
            file.write(block)
            file.flush()
            os.fsync(file.fileno())
            speed = WRITTEN / (time.perf_counter() - start)
    except OSError as error:
        why = f"{place} cannot be written: {error.strerror or error}"
        yield Finding("fault", "writing", why, "give another folder: --out")
        return
    slow = speed < SLOW
    do = "results on a local disk are kept faster" if slow else ""
    yield Finding("caution" if slow else "ok", "writing", f"{speed / 1e6:.3g} MB a second reach the disk", do)


def load_and_clock(
    monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
) -> Iterator[Finding]:
    """What others take of the processors, and whether clocks are fine and go alike, in half a second."""
    others, start = Others(), (monotonic(), wall())
    ticks: list[float] = []
    deadline = time.perf_counter() + WATCHED
    before = time.perf_counter()
    while before < deadline:
        now = time.perf_counter()
        if now != before and len(ticks) < 1000:
            ticks.append(now - before)
        before = now
        if len(ticks) >= 1000:
            time.sleep(0.01)  # the rest of the time only others are watched
    taken = others.processors()
    if taken is None:
        yield Finding("ok", "load", "this system does not tell what others take")
    else:
        busy = taken > CALM
        do = "stop what else runs before seconds are timed; steps to a target are what they are" if busy else ""
        yield Finding("caution" if busy else "ok", "load", f"others keep {taken:.2f} processors busy", do)
    step = min(ticks, default=WATCHED)
    do = "seconds of a step cannot be measured here" if step > FINE else ""
    yield Finding("caution" if do else "ok", "clock", f"it tells {step * 1e9:.3g} ns apart", do)
    apart = (wall() - start[1]) - (monotonic() - start[0])
    if abs(apart) > PARTED:
        do = "something sets the clock (NTP, a virtual machine that was stopped): what is timed now is doubtful"
        yield Finding("caution", "clock", f"the wall clock jumped by {apart:+.3g} s within half a second", do)


def processors(cgroup: Path = CGROUP, frequency: Path = FREQUENCY) -> Iterator[Finding]:
    """How many there are, how many this process may have, and what holds them back."""
    count = os.cpu_count() or 1
    may = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else count
    told = f"{may} of {count} processors are this process's" if may < count else f"{count} processors"
    yield Finding("ok", "processors", told)
    share = quota(cgroup)
    if share is not None and share < may:
        do = f"give as many workers as that: --engine local:{max(1, int(share))}"
        yield Finding("caution", "processors", f"a limit of this container allows {share:.3g} of them", do)
    governor, now, most = (_text(frequency / f"scaling_{what}") for what in ("governor", "cur_freq", "max_freq"))
    if governor:
        slow = governor == "powersave" and now.isdigit() and most.isdigit() and int(now) < 0.7 * int(most)
        do = "seconds vary with it: cpupower frequency-set -g performance" if slow else ""
        speed = f", {int(now) / 1e6:.2f} of {int(most) / 1e6:.2f} GHz" if now.isdigit() and most.isdigit() else ""
        yield Finding("caution" if slow else "ok", "frequency", f"governor {governor}{speed}", do)


def quota(cgroup: Path = CGROUP) -> float | None:
    """Processors that a control group allows, of version 2 or 1; None where there is no limit."""
    words = _text(cgroup / "cpu.max").split()
    if len(words) != 2:
        words = [_text(cgroup / "cpu" / f"cpu.cfs_{what}_us") for what in ("quota", "period")]
    if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[1]) == 0:
        return None
    return int(words[0]) / int(words[1])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
