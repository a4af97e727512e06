"""The registered suites, their workloads, and what these are made of."""

from functools import cache
from typing import Any

from optbench import ComponentError
from optbench.registry.registry import registry
from optbench.suite import load
from optbench.training.assembly import data_of
from optbench.training.assembly import network_of as made_of


@cache
def suite(name: str) -> Any:
    return load(name, registry())


def workloads() -> dict[str, tuple[str, Any]]:
    """{name: (its suite, the workload)}: of those that several suites have, the first's."""
    found: dict[str, tuple[str, Any]] = {}
    order = ("quick", "standard", "families", "fundamentals")
    for name in sorted(registry().suites, key=lambda n: (order.index(n) if n in order else len(order), n)):
        for workload in suite(name).workloads:
            found.setdefault(workload.name, (name, workload))
    return found


def using(field: str, component: str) -> tuple[str, str] | None:
    """(suite, workload) of the first workload whose `field` is this component."""
    found = ((s, w.name) for s, w in workloads().values() if named(getattr(w, field), component))
    return next(found, None)


def named(settings: Any, component: str) -> bool:
    if isinstance(settings, (list, tuple)):
        return any(named(one, component) for one in settings)
    return isinstance(settings, dict) and component in (settings.get("name"), settings.get("kind"))


@cache
def network_of(home: str, name: str) -> Any:
    """The network of a workload."""
    settings = suite(home).workload(name).model_dump(mode="json")
    plugins = registry()
    return made_of(settings, data_of(settings, [], plugins), [], plugins)


def component(kind: str, name: str) -> Any:
    """The component as it is by default; None where a setting has to be given."""
    try:
        return registry().create(kind, {"name": name})
    except ComponentError:
        return None


def whether_shown(made: Any) -> bool:
    """Whether it can be shown by itself: a set of OpenML's is fetched when it is asked for, and a build asks nobody."""
    return not type(made).__module__.endswith(".openml")
