"""Objects of a user's own as bytes: by value, so that a process that cannot import them has them, too.

A class of a library goes by its name, as in any pickle. A class of a notebook, a script, a file or a folder that no
distribution installed goes with its code, and so does what it names there. Python reads such code only in the version
that wrote it.
"""

import io
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property, lru_cache
from types import FunctionType, MemberDescriptorType, ModuleType
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.registry.faults import one_line
from optbench.registry.guest import Guest
from optbench.registry.reach import Reach, is_own

#: the version of Python, as far as its code has to be the same
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def packed(value: Any, reach: Reach, name: str) -> bytes:
    """The object as bytes; `OptbenchError` that says what of it cannot be sent."""
    with by_value(reach.homes):
        try:
            return _bytes(value)
        except Exception as error:  # whatever its parts do
            culprit = ""
            for part, held in reach.met:
                if isinstance(held, MemberDescriptorType):  # of a class's slots, which go with the class
                    continue
                try:
                    _bytes(held)
                except Exception:
                    culprit = f"{part} is a {type(held).__module__}.{type(held).__qualname__}, and "
                    if type(held) is type or callable(held):
                        continue  # of what holds it, the innermost says most
                    break
            raise OptbenchError(
                f"{name} cannot be sent to a worker process: {culprit}{one_line(error)}; make it where it is used"
            ) from error


def _bytes(value: Any) -> bytes:
    import cloudpickle

    class Pickler(cloudpickle.CloudPickler):  # type: ignore[misc]
        def reducer_override(self, one: Any) -> Any:
            if type(one) is cached_property:  # which holds a lock before Python 3.12
                return _cached, (one.func, one.attrname)
            if type(one) is type(lru_cache(len)):  # it would go by its name
                return _remembering, (one.__wrapped__, one.cache_parameters())
            known = isinstance(one, (type, FunctionType, ModuleType)) or type(one) in self.dispatch_table
            if not known and isinstance(getattr(one, "__qualname__", None), str) and is_own(one.__module__ or ""):
                made = one.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
                if isinstance(made, str):
                    raise pickle.PicklingError(f"{made} goes by its name alone ({type(one).__qualname__})")
                return made
            return super().reducer_override(one)

    file = io.BytesIO()
    Pickler(file).dump(value)
    return file.getvalue()


def _cached(function: Callable[[Any], Any], name: str | None) -> "cached_property[Any]":
    made = cached_property(function)
    made.attrname = name
    return made


def _remembering(function: Callable[..., Any], parameters: Mapping[str, Any]) -> Any:
    return lru_cache(**parameters)(function)


@contextmanager
def by_value(modules: set[str]) -> Iterator[None]:
    """Have what these modules hold travel with its code, for this moment."""
    import cloudpickle

    registered = []
    for name in sorted(modules):
        known = name == "__main__" or name in cloudpickle.list_registry_pickle_by_value()
        if name in sys.modules and not known:
            cloudpickle.register_pickle_by_value(sys.modules[name])
            registered.append(sys.modules[name])
    try:
        yield
    finally:
        for module in registered:
            with suppress(ValueError):
                cloudpickle.unregister_pickle_by_value(module)


def unpacked(guest: Guest) -> Any:
    """What a guest is; `OptbenchError` where this process cannot read it."""
    if guest.python != PYTHON:
        raise OptbenchError(
            f"{guest.name} travels by its code, which is of Python {guest.python}, and here is Python {PYTHON}; "
            "install it as a plugin there (see: optbench new), or have one version everywhere"
        )
    try:
        return pickle.loads(guest.payload)
    except Exception as error:  # a module that is not here, or whatever its making does
        raise OptbenchError(f"{guest.name} cannot be made here: {one_line(error)}") from error
