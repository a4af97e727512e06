"""optax for optbench: "optax/adamw" and all others as optimizers, "optax/cosine_decay_schedule" and others as
schedules, and your own by "optax:package.module:function". JAX models of your own: by "jax:package.module:function", or
in hand by `workload`. jax is imported when one of them is first used.
"""

import sys
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import Any

from optbench import Deferred, Unavailable, hookimpl
from optbench_optax.table import ALIASES, CONTRIB, CURVES, NO_SCHEDULES, UNAVAILABLE, WRAPPERS

__all__ = ["Model", "batches", "workload"]

OPTBENCH_CONTRACT = 1

ROWS = {row.name: row for row in (*ALIASES, *CONTRIB)}
HOLDERS = {row.name: (row, inner) for row, inner in WRAPPERS}


@cache
def optimizer(name: str) -> Any:
    """The class of a row; of a wrapper, with the inner one that it holds by default."""
    from optbench_optax import bridge, classes

    if name in HOLDERS:
        row, inner = HOLDERS[name]
        return classes.wrapper(row, optimizer(inner))
    row = ROWS[name]
    if row.name.startswith("schedule_free"):
        return classes.offered(row, (classes.ScheduleFree,))
    bases = {"rprop": classes.Rprop, **dict.fromkeys(("adafactor", "noisy_sgd", "optimistic_adam"), classes.Special)}
    return classes.offered(row, (bases.get(name, bridge.Optax),))


@cache
def schedule(name: str) -> Any:
    from optbench_optax import schedules

    return schedules.offered(next(curve for curve in CURVES if curve.name == name))


@hookimpl
def optbench_optimizers() -> list[Any]:
    offers: list[Any] = [Deferred(f"optax/{row.name}", partial(optimizer, row.name)) for row in ROWS.values()]
    offers += [Deferred(f"optax/{row.name}", partial(optimizer, row.name)) for row, _ in WRAPPERS]
    return offers + [Unavailable(f"optax/{name}", reason) for name, reason in UNAVAILABLE.items()]


@hookimpl
def optbench_schedules() -> list[Any]:
    offers: list[Any] = [Deferred(f"optax/{curve.name}", partial(schedule, curve.name)) for curve in CURVES]
    return offers + [Unavailable(f"optax/{name}", reason) for name, reason in NO_SCHEDULES.items()]


@hookimpl
def optbench_adapts(found: Any, name: str) -> Any:
    if "optax" not in sys.modules:
        return None
    from optbench_optax.own import adapt

    return adapt(found, name)


@hookimpl
def optbench_resolvers() -> dict[str, Callable[[str, str], Any]]:
    from optbench_optax.own import resolve, resolve_model

    return {"optax": resolve, "jax": resolve_model}


def __getattr__(name: str) -> Any:
    """What needs jax is imported when somebody asks for it."""
    homes = {"Model": "network", "batches": "minibatches", "workload": "problem"}
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{homes[name]}"), name)
