"""What `optbench check` runs: all checks of a distribution's components, a module's, or a single one's."""

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from optbench.contract.components import Component
from optbench.contract.errors import OptbenchError
from optbench.registry.accepted import KINDS
from optbench.registry.faults import Problem, one_line
from optbench.registry.guests import invite
from optbench.registry.installed import normal
from optbench.registry.registry import Registry, built_in
from optbench.registry.scripts import find, is_path, load
from optbench.testing import Result, run_check, run_checks
from optbench.testing.suites import check_suite_is_valid


@dataclass
class Target:
    """What is to be checked."""

    components: list[Any] = field(default_factory=list)
    suites: list[Any] = field(default_factory=list)
    #: what did not even load
    problems: list[Result] = field(default_factory=list)

    @property
    def single(self) -> bool:
        return len(self.components) + len(self.suites) <= 1

    def run(self) -> Iterator[Result]:
        yield from self.problems
        yield from run_checks(self.components)
        for suite in self.suites:
            result = run_check(suite, check_suite_is_valid)
            yield Result(getattr(suite, "name", str(suite)), result.check, result.verdict, result.message)


def target(name: str, registry: Registry) -> Target:
    """What a name on the command line stands for.

    A distribution ("optbench-lion"), one of its plugins ("optbench-lion:lion"), a component ("lion"; of every kind that
    has the name), a suite, a module ("my_package.my_module"), its file ("my_module.py") or a component in that
    ("my_module.py:Lion"), an object of another library ("torch:my_module:Net"). Raises `OptbenchError` with near
    names where it is none of them.
    """
    if is_path(name):
        return _of_file(name, registry)
    plugins = [p for p in registry.plugins.values() if name == p.name or normal(name) == normal(p.distribution)]
    problems = [p for p in registry.problems if name == p.plugin or normal(name) == normal(p.plugin.partition(":")[0])]
    if plugins or problems:
        return _offered(registry, (offer for p in plugins for offer in p.offers.items()), problems)
    kinds = [kind for kind in KINDS if name in registry.components[kind] or name in registry.unavailable[kind]]
    if not kinds and ":" in name:
        kinds = [registry.kind_of(name)] if registry.resolves(name) else []
    suites = ["suites"] if name in registry.suites else []
    if kinds or suites:
        return _offered(registry, ((kind, [name]) for kind in [*kinds, *suites]), [])
    module = imported(name)
    if module is None:
        known = {p.distribution for p in registry.plugins.values()} | set(registry.suites)
        known |= {component for table in registry.components.values() for component in table}
        hint = _near(registry, name, known)
        raise OptbenchError(f"there is no distribution with plugins, component, suite or module {name!r}; {hint}")
    return _of_module(module, module.__name__)


def _near(registry: Registry, name: str, known: Iterable[str]) -> str:
    hint = registry.hint(name, known)
    return hint if not hint.startswith("valid") else "see: optbench list, optbench plugins"


def _offered(registry: Registry, offers: Iterable[tuple[str, list[str]]], problems: Iterable[Problem]) -> Target:
    found = Target()
    found.problems = [Result(p.plugin, f"loads ({p.stage})", "failed", p.error) for p in problems]
    for kind, names in offers:
        for name in names:
            if kind == "suites":
                found.suites.append(registry.suites[name][0])
            elif kind in KINDS:
                try:
                    found.components.append(registry.entry(kind, name).component)
                except OptbenchError as error:
                    found.problems.append(Result(name, "loads (component)", "failed", one_line(error)))
    return found


def _of_file(name: str, registry: Registry) -> Target:
    """All that a file offers or defines, or the one component that is named behind the colon."""
    if name.endswith(".py"):
        script = load(Path(name), name)
        return _of_module(script.module, script.path.stem)
    script, found = find(name, Path())
    if isinstance(found, type) and issubclass(found, Component):
        return Target([found])
    invited = invite(registry, name)
    return Target([registry.entry(invited.kind, invited.name).component])


def imported(name: str) -> ModuleType | None:
    """The module of this name, searched in the current folder too; None where there is none."""
    sys.path.insert(0, os.getcwd())
    try:
        if not all(part.isidentifier() for part in name.split(".")) or _spec(name) is None:
            return None
        return import_module(name)
    except Exception as error:  # whatever a stranger's module does
        raise OptbenchError(f"{name} cannot be imported: {one_line(error)}") from error
    finally:
        del sys.path[0]


def _spec(name: str) -> Any:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError:  # of a parent that is none
        return None


def _of_module(module: ModuleType, called: str) -> Target:
    """What a module offers by its hooks, beside the built-ins; without hooks, the components that it defines."""
    registry, plugin = built_in(), f"{called}:module"
    registry.register(module, plugin, called, "")
    offers = registry.plugins[plugin].offers if plugin in registry.plugins else {}
    found = _offered(registry, offers.items(), [p for p in registry.problems if p.plugin == plugin])
    if not offers and not found.problems:
        found.components = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, Component) and value.__module__ == module.__name__
        ]
        if not found.components:
            raise OptbenchError(
                f"{called} has neither hooks nor components: mark a function such as optbench_optimizers "
                "with @hookimpl, and let it return a list of classes"
            )
    return found
