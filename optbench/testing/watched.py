"""Arrays that notice where float32 arithmetic turns to float64.

The dtype of a result does not show it: `params -= np.float64(0.1) * grads` computes in float64, at twice the
memory and half the speed, and leaves a float32 array.
"""

import linecache
import sys
from pathlib import Path
from typing import Any

import numpy as np

_HERE = str(Path(__file__).parent)


class Watched(np.ndarray):
    """An array whose ufuncs report to `log` each float64 result that came from a float32 array."""

    log: list[str] | None = None

    def __array_finalize__(self, obj: Any) -> None:
        self.log = getattr(obj, "log", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (), **kwargs: Any) -> Any:
        log = next((i.log for i in (*inputs, *out) if isinstance(i, Watched) and i.log is not None), None)
        plain = [i.view(np.ndarray) if isinstance(i, Watched) else i for i in inputs]
        if out:
            kwargs["out"] = tuple(o.view(np.ndarray) if isinstance(o, Watched) else o for o in out)
        result = getattr(ufunc, method)(*plain, **kwargs)
        if log is not None and method == "__call__":
            _note(log, ufunc, plain, result if not out else None, kwargs.get("out", ()))
        if out:
            return out[0] if len(out) == 1 else out
        return _wrap(result, log)


def watch(array: np.ndarray, log: list[str]) -> np.ndarray:
    """A view of the array that reports to `log`."""
    watched = array.view(Watched)
    watched.log = log
    return watched


def _wrap(result: Any, log: list[str] | None) -> Any:
    if isinstance(result, tuple):
        return tuple(_wrap(r, log) for r in result)
    if isinstance(result, np.ndarray):
        result = result.view(Watched)
        result.log = log
    return result


def _note(log: list[str], ufunc: Any, inputs: list[Any], result: Any, out: Any) -> None:
    single = [i for i in inputs if isinstance(i, np.ndarray) and i.ndim > 0 and i.dtype == np.float32]
    if not single:
        return
    if out:
        if any(o is not None and o.dtype == bool for o in out):
            return
        double = np.result_type(*inputs) == np.float64
    else:
        double = getattr(result, "dtype", None) == np.float64
    if double:
        others = [i for i in inputs if not any(i is s for s in single)]
        log.append(f"{ufunc.__name__} of float32 and {' and '.join(map(_name, others))} at {_place()}")


def _name(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.ndim > 0:
        return f"a {value.dtype} array"
    return f"the {type(value).__name__} {value!s:.12}"


def _place() -> str:
    """The line of the component that is running."""
    frame: Any = sys._getframe(2)
    while frame is not None and (
        frame.f_code.co_filename.startswith(_HERE) or "numpy" in Path(frame.f_code.co_filename).parts
    ):
        frame = frame.f_back
    if frame is None:
        return "an unknown line"
    file, number = frame.f_code.co_filename, frame.f_lineno
    code = linecache.getline(file, number).strip()
    return f"{Path(file).name}:{number}" + (f" ({code})" if code else "")
