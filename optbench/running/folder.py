"""The folder that a run writes into."""

import os
from pathlib import Path

from optbench.contract.errors import OptbenchError
from optbench.store.store import STORE


def prepare_folder(folder: Path) -> Path:
    """The folder, made and shown to be writable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OptbenchError(f"--out {folder}: cannot write to this folder: {error.strerror}") from error
    return folder


def set_aside(folder: Path) -> None:
    """The folder's store becomes store.old.sqlite."""
    try:
        for ending in ("", "-wal", "-shm"):
            old = folder / f"{STORE}{ending}"
            if old.exists():
                old.replace(folder / f"store.old.sqlite{ending}")
    except OSError as error:
        raise OptbenchError(f"--out {folder}: cannot set the old store aside: {error.strerror}") from error
