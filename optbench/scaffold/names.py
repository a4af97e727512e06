"""The names of a new distribution: all made of one, and none of them taken."""

import importlib.util
import keyword
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import optbench
from optbench.contract.errors import OptbenchError, near
from optbench.registry.installed import normal
from optbench.registry.registry import Registry

#: what can be made -> the kind of component that it is; the plural of that is the hook's
KINDS = {
    "optimizer": "optimizer",
    "wrapper": "optimizer",
    "schedule": "schedule",
    "initializer": "initializer",
    "penalty": "regularizer",
    "constraint": "regularizer",
    "layer": "regularizer",
    "normalizer": "normalizer",
    "hidden-normalizer": "normalizer",
    "dataset": "dataset",
    "function": "function",
    "problem": "problem",
    "network": "network",
    "suite": "suite",
}
PREFIX = "optbench-"
#: names that the templates import: a class cannot have one of them
IMPORTED = frozenset(optbench.__all__)


@dataclass(frozen=True)
class Names:
    """All names of a new distribution.

    kind          which of KINDS it is made as
    base          the kind of component that it is
    component     as suites and commands write it: "slow-start"
    distribution  as pip writes it: "optbench-slow-start"
    module        as Python imports it: "optbench_slow_start"
    cls           the class: "SlowStart"
    title         for headings: "Slow start"
    """

    kind: str
    base: str
    component: str
    distribution: str
    module: str
    cls: str
    title: str


def names_of(name: str, kind: str, registry: Registry) -> Names:
    """The names that follow from one, of one of KINDS; `OptbenchError` where one is not possible or taken."""
    if kind == "regularizer":
        raise OptbenchError("--kind regularizer: which one: penalty, constraint or layer")
    if kind not in KINDS:
        raise OptbenchError(f"--kind {kind}: unknown; {near(kind, KINDS)}")
    base = KINDS[kind]
    if not re.fullmatch(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", name, re.IGNORECASE | re.ASCII) or len(name) > 60:
        raise OptbenchError(
            f"{name!r} is no name for a distribution: use up to 60 letters and digits, with '-', '_' or '.' between "
            "them (PEP 508), such as slow-start"
        )
    component = normal(name).removeprefix(PREFIX)
    distribution = PREFIX + component
    module = distribution.replace("-", "_")
    cls = "".join(part.capitalize() for part in component.split("-"))
    if not cls.isidentifier():
        cls = base.capitalize() + cls
    if cls in IMPORTED or keyword.iskeyword(cls):
        cls += base.capitalize() if not cls.endswith(base.capitalize()) else "Component"
    _refuse_taken(component, base, distribution, module, registry)
    return Names(kind, base, component, distribution, module, cls, component.replace("-", " ").capitalize())


def _refuse_taken(component: str, kind: str, distribution: str, module: str, registry: Registry) -> None:
    plugin = ""
    if kind == "suite":
        plugin = registry.suites[component][1] if component in registry.suites else ""
    elif component in registry.components[f"{kind}s"]:
        plugin = registry.components[f"{kind}s"][component].plugin
    if plugin:
        raise OptbenchError(f"the {kind} name {component!r} is taken by {plugin}: choose another")
    try:
        number = version(distribution)
    except PackageNotFoundError:
        pass
    else:
        raise OptbenchError(f"the distribution {distribution} {number} is installed already: choose another name")
    if importlib.util.find_spec(module) is not None:
        raise OptbenchError(f"the module {module} is there already: choose another name")
