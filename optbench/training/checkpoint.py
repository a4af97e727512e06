"""Checkpoints: a tree of arrays and Python scalars in one NumPy archive, without pickle.

The archive holds the tree as JSON, in which {"array": "a3"} stands for the member `a3`. It is written to a new file,
forced to disk and renamed over the old one, which stays as `*.previous.npz`: a stopped machine leaves one whole file.
"""

import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from optbench.contract.errors import OptbenchError

#: The number of this form. A checkpoint with another number is refused.
VERSION = 1


def previous(path: Path) -> Path:
    """Where the checkpoint before the present one is kept."""
    return path.with_suffix(".previous.npz")


def save(path: Path, tree: Any) -> None:
    """Write a tree of dicts with text keys, lists, arrays and Python scalars."""
    arrays: dict[str, Any] = {}
    # An array that is there twice is one array, also after loading.
    text = json.dumps({"version": VERSION, "tree": _encode(tree, arrays)})
    digest = _digest(text, arrays)
    new = path.with_suffix(".new.npz")
    with open(new, "wb") as file:
        np.savez(file, tree=np.array(text), digest=np.array(digest), **arrays)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        _keep(path)
    new.replace(path)


def _keep(path: Path) -> None:
    """The present file as the previous one too: at no moment is there no file of the present name."""
    spare = path.with_suffix(".spare.npz")
    spare.unlink(missing_ok=True)
    try:
        os.link(path, spare)
    except OSError:  # a file system without links
        path.replace(previous(path))
    else:
        spare.replace(previous(path))


def load(path: Path) -> Any:
    """The tree again. `OptbenchError` where the file is missing, cut off, changed, or of another version."""
    hint = ""
    if previous(path).exists():
        hint = f"; the one before it is kept: to go on from that, rename {previous(path)} to {path.name}"
    try:
        # Opened here: np.load leaves its file open where the archive is broken.
        with open(path, "rb") as file:
            _check_sizes(file)
            with np.load(file, allow_pickle=False) as archive:
                members = {name: archive[name] for name in archive.files}
        text, digest = str(members.pop("tree")), str(members.pop("digest"))
        content = json.loads(text)
        number = content["version"]
        if number != VERSION:
            raise OptbenchError(f"{path}: a checkpoint of version {number!r}, this optbench reads {VERSION}{hint}")
        if digest != _digest(text, members):
            raise OptbenchError(f"{path}: the checkpoint was changed after it was written{hint}")
        return _decode(content["tree"], members)
    except FileNotFoundError as error:
        raise OptbenchError(f"{path}: there is no checkpoint{hint}") from error
    except OptbenchError:
        raise
    except Exception as error:  # of zipfile, zlib, struct, tokenize, json and NumPy: bytes that `save` did not write
        raise OptbenchError(f"{path}: not a whole checkpoint ({error}){hint}") from error


def _check_sizes(file: BinaryIO) -> None:
    """ValueError where an archive would take more memory than its file has bytes: `save` compresses nothing."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise ValueError("it is compressed")
    if sum(entry.file_size for entry in entries) > size:
        raise ValueError("its parts are larger than it is")
    file.seek(0)


def _digest(text: str, arrays: dict[str, np.ndarray]) -> str:
    hasher = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        hasher.update(f"{name}{arrays[name].dtype.str}{arrays[name].shape}".encode())
        hasher.update(np.ascontiguousarray(arrays[name]).tobytes())
    return hasher.hexdigest()


def _encode(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise OptbenchError("a state holds an array of Python objects: only numbers can be saved")
        name = f"a{id(value)}"
        arrays[name] = value  # which also keeps its id from being given to another
        return {"array": name}
    if isinstance(value, np.generic):
        return _encode(np.asarray(value), arrays)
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise OptbenchError(f"a state has the key {key!r}: only texts can be saved")
        # One level around, so that a dict with the key "array" cannot be taken for an array.
        return {"dict": {key: _encode(item, arrays) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        return [_encode(item, arrays) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise OptbenchError(
        f"a state holds a {type(value).__name__}: only arrays, numbers, texts, lists and dicts can be saved "
        "(an optimizer can override save and load)"
    )


def _decode(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, dict):
        if "array" in value:
            return arrays[value["array"]]
        return {key: _decode(item, arrays) for key, item in value["dict"].items()}
    if isinstance(value, list):
        return [_decode(item, arrays) for item in value]
    return value
