"""Keras on TensorFlow for optbench: "keras/adamw" and all others as optimizers, "keras/cosinedecay" and others as
schedules, and your own by "keras:package.module:Class". TensorFlow is imported when one of them is first used.
"""

import sys
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from optbench import Deferred, OptbenchError, Unavailable, hookimpl, import_object
from optbench_tensorflow.table import CURVES, ROWS, UNAVAILABLE

OPTBENCH_CONTRACT = 1


@cache
def optimizer(name: str) -> Any:
    from optbench_tensorflow import bridge

    return bridge.offered(next(row for row in ROWS if row.name == name))


@cache
def schedule(name: str) -> Any:
    from optbench_tensorflow import schedules

    return schedules.offered(next(curve for curve in CURVES if curve.name == name))


def resolve(kind: str, name: str) -> Any:
    """The component class of a user's own class. Called once a process."""
    from optbench_tensorflow import bridge, library, schedules

    if kind not in ("optimizers", "schedules"):
        raise OptbenchError(f"Keras has optimizers and schedules, no {kind}")
    library.keras()  # before the user's module imports it with another backend
    path = name.partition(":")[2]
    found, source = import_object(path)
    shared = {"name": name, "bridge": f"{source}, {library.libraries()}", "reference": path}
    return (bridge.own if kind == "optimizers" else schedules.own)(path, found, shared)


@hookimpl
def optbench_optimizers() -> list[Any]:
    offers: list[Any] = [Deferred(f"keras/{row.name}", partial(optimizer, row.name)) for row in ROWS]
    return offers + [Unavailable(f"keras/{name}", reason) for name, reason in UNAVAILABLE.items()]


@hookimpl
def optbench_schedules() -> list[Any]:
    return [Deferred(f"keras/{curve.name}", partial(schedule, curve.name)) for curve in CURVES]


@hookimpl
def optbench_adapts(found: Any, name: str) -> Any:
    """The component of a Keras class that somebody gave as it is; of one that is offered, its name."""
    if "keras" not in sys.modules or not isinstance(found, type):
        return None
    from optbench_tensorflow import bridge, library, schedules

    optimizers = sys.modules["keras"].optimizers
    shared = {"name": name, "reference": name}
    if issubclass(found, optimizers.Optimizer):
        for row in ROWS:
            if getattr(optimizers, row.cls, None) is found:
                return f"keras/{row.name}"
        library.keras()  # which says so where it runs on another backend
        return bridge.own(name, found, {**shared, "bridge": library.libraries()})
    if issubclass(found, optimizers.schedules.LearningRateSchedule):
        for curve in CURVES:
            if getattr(optimizers.schedules, curve.cls, None) is found:
                return f"keras/{curve.name}"
        library.keras()
        return schedules.own(name, found, {**shared, "bridge": library.libraries()})
    return None


@hookimpl
def optbench_resolvers() -> dict[str, Callable[[str, str], Any]]:
    return {"keras": resolve}
