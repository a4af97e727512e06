"""A limit on the memory of a worker process, so that one trial that allocates without end fails by itself.

The limit is on data (RLIMIT_DATA: heap and private writable mappings), not on address space: libraries reserve far
more of that than they use. Measured: a worker with JAX has 180 MB of data in 1.5 GB of addresses, with torch 190 MB
in 620 MB, with neither 60 MB in 120 MB. Only Linux counts mappings to it; elsewhere there is no limit.
"""

import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from optbench.contract.arguments import plain
from optbench.contract.errors import OptbenchError

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
#: A worker takes 60 MB before its first trial, and 200 MB with a large library.
SMALLEST = 100 * 10**6
#: By default no worker gets less than this.
ENOUGH = 2 * 10**9

#: What a message about a failed allocation may take.
ROOM = 50 * 10**6

#: the limit of this process in bytes; 0: none
_limit = 0
#: whether an allocation of this process failed for it
_met = False


def parse(text: str | int) -> int:
    """Bytes that an option names: "2GB", "500 MB", "1.5GiB", or their number."""
    text = str(plain(text))
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?I?)B?", text.strip().upper())
    if match is None or match[2] not in UNITS:
        raise OptbenchError(f"--memory {text!r}: expected a number and its unit, such as 2GB or 500MB")
    size = int(float(match[1]) * UNITS[match[2]])
    if size < SMALLEST:
        raise OptbenchError(f"--memory {text!r}: a worker needs {words(SMALLEST)} before its first trial")
    return size


def words(size: int) -> str:
    """Bytes as people say them: 2 GB, 1.5 GB, 500 MB."""
    name, unit = ("GB", 10**9) if size >= 10**9 else ("MB", 10**6)
    return f"{round(size / unit, 1):g} {name}"


def share(workers: int) -> int:
    """What each of so many workers may take here by default: nine tenths together, or 2 GB each; 0: no limit."""
    total = available()
    return max(ENOUGH, total * 9 // 10 // workers) if total else 0


def available() -> int:
    """Bytes of memory of this machine, or of the control group that this process may be confined to; 0: unknown."""
    sizes = []
    try:
        sizes.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError, AttributeError):
        return 0
    with suppress(OSError, ValueError):  # another system, or the word "max"
        sizes.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(sizes)


def limit(size: int) -> None:
    """Limit this process from now on; 0: not."""
    global _limit
    if size and sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (size if most < 0 else min(size, most), most))
        _limit = size


def relax() -> None:
    """A little room again, to say what happened: where small pieces were allocated, there is none for a message."""
    if _limit:
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (now + ROOM if most < 0 else min(now + ROOM, most), most))


def blamed(error: BaseException) -> str:
    """What to say of an error if it is an allocation that met this process's limit, which is noted; else nothing."""
    global _met
    if not _limit or not (isinstance(error, MemoryError) or "allocate memory" in str(error)):
        return ""
    _met = True
    return exceeded(_limit)


def exceeded(size: int) -> str:
    return f"exceeded the memory limit of {words(size)} (--memory)"


def met() -> bool:
    """Whether an allocation of this process failed for its limit."""
    return _met
