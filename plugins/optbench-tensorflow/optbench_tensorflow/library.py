"""Keras with TensorFlow behind it, imported when it is first used."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from optbench import OptbenchError


@cache
def libraries() -> str:
    """The libraries that do the arithmetic, with their versions: part of a trial's key."""
    for name in ("tensorflow-cpu", "tensorflow"):
        try:
            return f"keras {version('keras')}, tensorflow {version(name)}"
        except PackageNotFoundError:
            continue
    raise OptbenchError("tensorflow is not installed (pip install tensorflow-cpu)")


@cache
def keras() -> Any:
    """Keras on TensorFlow, on one thread like everything that is timed."""
    libraries()
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Another order of sums on each processor, which TensorFlow announces in two lines for every process.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    import tensorflow

    try:
        tensorflow.config.threading.set_intra_op_parallelism_threads(1)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:  # it was used before, and cannot be changed any more
        pass
    import keras

    if keras.backend.backend() != "tensorflow":
        raise OptbenchError(
            f"Keras runs on {keras.backend.backend()!r} in this process: set KERAS_BACKEND=tensorflow before that"
        )
    return keras


@contextmanager
def floats(dtype: str) -> Iterator[None]:
    """Keras's default type, which it gives to rates and counters, for this moment."""
    config = keras().config
    before = config.floatx()
    config.set_floatx(dtype)
    try:
        yield
    finally:
        config.set_floatx(before)
