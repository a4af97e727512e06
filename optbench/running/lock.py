"""One run a folder: a lock that the operating system takes back when its holder dies, whatever it died of.

`flock` on a file in the folder (LockFileEx on Windows), through filelock. A killed process holds nothing; there is no
stale lock to remove, and the file `run.lock` may stay where it is. On NFS Linux turns it into a lock of the server
(NFSv4, or NFSv3 with lockd), so that it holds between machines. A file system that has no locks is said so.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from optbench.contract.errors import OptbenchError

FILE_NAME = "run.lock"
#: a look by `optbench status` holds it for less than that
PATIENCE = 0.5


class RunLock:
    """Held while a run writes into `folder`; a context manager.

    holder   says who has it: "process 12 on host h since …"
    warn     is told where the file system has no locks
    OptbenchError where another run has it.
    """

    def __init__(self, folder: Path, holder: Callable[[], str], warn: Callable[[str], None]):
        self.folder, self.holder, self.warn = folder, holder, warn
        self._lock: Any = None

    def __enter__(self) -> Self:
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / FILE_NAME)
        try:
            lock.acquire(timeout=PATIENCE, poll_interval=0.05)
        except Timeout:
            raise OptbenchError(
                f"{self.folder}: another run is writing here: {self.holder()}; wait for it "
                f"(optbench status {self.folder}), stop it, or choose another folder with --out"
            ) from None
        except (NotImplementedError, OSError) as error:
            self.warn(f"warning: {self.folder} cannot be locked ({error}): see that no other run writes here")
        else:
            self._lock = lock
        return self

    def __exit__(self, *exception: object) -> None:
        if self._lock is not None:
            self._lock.release()


def locked(folder: Path) -> bool | None:
    """Whether a run holds the folder's lock; None where that cannot be told."""
    from filelock import FileLock, Timeout

    path = folder / FILE_NAME
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except (NotImplementedError, OSError):
        return None
    lock.release()
    return False
