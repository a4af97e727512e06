"""Whether an open file is still where it was opened: a folder may be moved or removed while a run writes into it.

The system goes on writing to a file that has another name, or none any more. What a run kept so would be found by
nobody, so it asks before each write.
"""

import os
from pathlib import Path

from optbench.contract.errors import OptbenchError

#: which file a path leads to: (device, inode)
Identity = tuple[int, int]


def identity(path: Path) -> Identity | None:
    """Which file is there; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def check_still_there(path: Path, known: Identity | None) -> None:
    """OptbenchError where `path` no longer leads to the file that is open, with where that is now."""
    if known is None or identity(path) == known:
        return
    where = whereabouts(known)
    if where is None:
        raise OptbenchError(
            f"{path}: the store was moved or removed while it was written to; what was finished is wherever it is now"
        )
    if not where.exists():
        raise OptbenchError(f"{path}: the store was removed while it was written to; nothing of it is left")
    raise OptbenchError(
        f"{path}: the store was moved while it was written to: it is {where} now, with all that was finished; the run "
        f"goes on from there with --out {where.parent}"
    )


def whereabouts(known: Identity) -> Path | None:
    """The present path of a file that this process has open; of one that was removed, a path where nothing is.

    None where the system does not tell: only Linux does.
    """
    folder = Path("/proc/self/fd")
    try:
        numbers = list(folder.iterdir())
    except OSError:
        return None
    for number in numbers:
        if identity(number) == known:
            try:
                return Path(os.readlink(number))
            except OSError:
                continue
    return None
