"""A state's way through a checkpoint's file."""

import tempfile
from pathlib import Path

from optbench.contract.components import State
from optbench.training import checkpoint

__all__ = ["checkpointed"]


def checkpointed(saved: State) -> State:
    """What an optimizer's `save` gave, written to a checkpoint's file and read again: what its `load` will get.

    Raises `OptbenchError` for what a checkpoint cannot hold: all but arrays, numbers, texts, lists and dicts.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.npz"
        checkpoint.save(path, saved)
        restored: State = checkpoint.load(path)
    return restored
