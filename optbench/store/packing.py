"""A run as a row of the store, and back: plain text, numbers and bytes, never a pickle.

All floating-point results of a run lie in one blob of little-endian float64, in this order:

    test_loss, test_metric, the values of `metrics`, the measurements row by row, in the order of FIELDS

A blob and not REAL columns, because SQLite turns NaN into NULL and -0.0 into 0.0 there; it keeps every bit.
"""

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError
from optbench.trials.trial import FIELDS, OUTCOMES, Run

WIDTH = len(FIELDS)
INTEGERS = ("step", "gradients")
#: what stands before the metrics in the blob
HEAD = 2
#: array types that every platform reads alike
DTYPES = frozenset({"|b1", "|i1", "|u1"} | {f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8)}) | {
    "<f2", "<f4", "<f8", "<c8", "<c16",
}  # fmt: skip

#: columns of a packed run, in order
COLUMNS = ("outcome", "kept", "count", "metrics", "message", "traceback", "checksum", "numbers")
Row = tuple[str, int, int, str, str, str, int, bytes]
ArrayRow = tuple[str, str, str, bytes]


def clean(text: str) -> str:
    """`text` as valid Unicode: lone surrogates, which SQLite refuses, become their escapes."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def pack(run: Run) -> Row:
    """The row of COLUMNS for a run. NumPy scalars become Python's: sqlite3 would store blobs in silence."""
    curves = np.array([getattr(m, name) for m in run.measurements for name in FIELDS], dtype="<f8")
    return pack_values(
        run.outcome,
        curves.reshape(-1, WIDTH),
        run.kept,
        (run.test_loss, run.test_metric),
        run.metrics,
        run.message,
        run.traceback,
    )


def pack_values(
    outcome: str,
    curves: np.ndarray,
    kept: int,
    test: tuple[float, float],
    metrics: Mapping[str, float] | None = None,
    message: str = "",
    traceback: str = "",
) -> Row:
    """The same from measurements as a matrix (measurements, FIELDS)."""
    if outcome not in OUTCOMES:
        raise OptbenchError(f"{outcome!r} is no outcome; valid: {', '.join(OUTCOMES)}")
    metrics = metrics or {}
    head = np.array([*test, *metrics.values()], dtype="<f8").tobytes()
    numbers = head + np.ascontiguousarray(curves, dtype="<f8").tobytes()
    names = json.dumps(list(metrics))
    checksum = zlib.crc32(numbers)
    return outcome, int(kept), len(curves), names, clean(message), clean(traceback), checksum, numbers


def unpack(row: Sequence[Any], arrays: Mapping[str, np.ndarray]) -> Run:
    """The run of a row of COLUMNS. ValueError where the row is not one that `pack` made."""
    outcome, kept, count, names, message, traceback, checksum, blob = row
    names = json.loads(names)
    if outcome not in OUTCOMES:
        raise ValueError(f"unknown outcome {outcome!r}")
    check(blob, len(names), count, checksum)
    numbers = np.frombuffer(blob, dtype="<f8")
    start = HEAD + len(names)
    measurements = []
    for values in numbers[start:].reshape(count, WIDTH).tolist():
        named = dict(zip(FIELDS, values, strict=True))
        for name in INTEGERS:
            named[name] = int(named[name])
        measurements.append(Measurement(**named))
    head = numbers[:start].tolist()
    metrics = dict(zip(names, head[HEAD:], strict=True))
    return Run(outcome, tuple(measurements), kept, head[0], head[1], message, traceback, metrics, arrays)


def check(blob: bytes, metrics: int, count: int, checksum: int) -> None:
    """ValueError where a blob has not the length or the checksum that its row states."""
    if len(blob) != 8 * (HEAD + metrics + WIDTH * count):
        raise ValueError("the numbers of a run have a wrong length")
    if zlib.crc32(blob) != checksum:
        raise ValueError("the numbers of a run do not match their checksum")


def pack_array(name: str, array: Any) -> ArrayRow:
    """(name, dtype, shape, bytes) of an array of numbers or truth values; OptbenchError for any other."""
    array = np.asarray(array)
    dtype = array.dtype.newbyteorder("<")
    if dtype.str not in DTYPES:
        raise OptbenchError(
            f"array {name!r}: a store keeps numbers and truth values, not dtype {array.dtype}"
        )
    return clean(name), dtype.str, json.dumps(array.shape), np.ascontiguousarray(array, dtype=dtype).tobytes()


def unpack_array(dtype: str, shape: str, blob: bytes) -> np.ndarray:
    """The array again, in native byte order; ValueError where type, shape and bytes disagree."""
    sizes = json.loads(shape)
    if dtype not in DTYPES:
        raise ValueError(f"an array has dtype {dtype!r}")
    if not isinstance(sizes, list) or not all(type(s) is int and s >= 0 for s in sizes):
        raise ValueError(f"an array has shape {shape}")
    if math.prod(sizes) * np.dtype(dtype).itemsize != len(blob):
        raise ValueError("an array has a wrong length")
    values = np.frombuffer(blob, dtype=dtype).reshape(sizes)
    return values.astype(values.dtype.newbyteorder("="))
