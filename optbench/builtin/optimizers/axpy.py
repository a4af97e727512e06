"""Passes of BLAS over a vector that NumPy has not: y <- y + a x, and the sum of |x|."""

from collections.abc import Callable
from typing import Any

import numpy as np

_FUNCTIONS: dict[str, Callable[..., Any]] = {}
_SUMS: dict[str, Callable[..., float]] = {}


def axpy(a: float, x: np.ndarray, y: np.ndarray) -> None:
    """Add a x to y in place: vectors of one dtype, float32 or float64, (size,).

    BLAS reads each vector once and needs no memory for a x: two thirds of the time of NumPy's two passes.
    """
    if not y.size:  # SciPy refuses these
        return
    function = _FUNCTIONS.get(y.dtype.char) or _load(y.dtype.char)
    result = function(x, y, None, a)
    if result is not y:  # y has gaps: SciPy worked on a copy
        y[...] = result


def absolute_sum(x: np.ndarray) -> float:
    """The sum of |x| of a vector (size,) of float32 or float64, without memory for |x|."""
    if x.dtype.char not in _SUMS:
        _load(x.dtype.char)
    return float(_SUMS[x.dtype.char](x)) if x.size else 0.0


def _load(char: str) -> Callable[..., Any]:
    # Imported where it is needed: SciPy's linear algebra takes half as long to load as all of optbench. It brings a
    # BLAS of its own, which knows nothing of the limit that a run or a timing has set before: it gets NumPy's.
    from threadpoolctl import ThreadpoolController

    loaded = {c.filepath: c.num_threads for c in ThreadpoolController().select(user_api="blas").lib_controllers}
    from scipy.linalg import blas

    for library in ThreadpoolController().select(user_api="blas").lib_controllers:
        if loaded and library.filepath not in loaded:
            library.set_num_threads(min(loaded.values()))
    _SUMS.update(f=blas.sasum, d=blas.dasum)
    _FUNCTIONS.update(f=blas.saxpy, d=blas.daxpy)
    return _FUNCTIONS[char]
