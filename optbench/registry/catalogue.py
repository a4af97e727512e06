"""The names that there are, kind by kind, read as fast as they can be: for completion, and to tell what a name means.

Suites are read as TOML alone: what their grids make of levels are candidates, too, and not among these names.
"""

import re
import tomllib
from functools import lru_cache
from typing import Any

from optbench.registry.accepted import KINDS
from optbench.registry.registry import Registry

#: the kinds of names, in the singular; candidates are a suite's
NAMED = (*(kind.removesuffix("s") for kind in KINDS), "suite", "workload", "candidate")


def tables(registry: Registry, suite: str) -> dict[str, Any]:
    """A registered suite as its file has it; empty where it cannot be read."""
    try:
        return _table(registry.suites[suite][0].read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


@lru_cache(maxsize=32)
def _table(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def suites_in_order(registry: Registry) -> list[str]:
    """`quick` first: the suite that a workload is looked up in first."""
    return sorted(registry.suites, key=lambda name: (name != "quick", name))


def within(registry: Registry, what: str, suite: str | None = None) -> dict[str, list[str]]:
    """{name: the suites that have it}, of the "workloads" or "candidates" of a suite, or of all that are registered."""
    found: dict[str, list[str]] = {}
    for one in suites_in_order(registry) if suite is None else [suite]:
        items = tables(registry, one).get(what, ()) if one in registry.suites else ()
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("name"), str):
                found.setdefault(item["name"], []).append(one)
    return found


def slug(name: str) -> str:
    """A topic as it is typed, and as files are called: "Mini-batches & noise" is mini-batches-noise. Letters of every
    script stay."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-") or "topic"


def meanings(registry: Registry, name: str) -> list[str]:
    """The kinds, in the singular, that have something of this name; one that cannot be used here counts."""
    found = [kind for kind in KINDS if name in registry.components[kind] or name in registry.unavailable[kind]]
    kinds = [kind.removesuffix("s") for kind in found]
    if not kinds and registry.resolves(name):
        kinds = [registry.kind_of(name).removesuffix("s")]
    if name in registry.suites:
        kinds.append("suite")
    if name in within(registry, "workloads"):
        kinds.append("workload")
    if "optimizer" not in kinds and name in within(registry, "candidates"):  # an optimizer by itself is one
        kinds.append("candidate")
    return kinds


def names(registry: Registry) -> list[str]:
    """Every name of every kind, once."""
    found = dict.fromkeys(name for kind in KINDS for name in registry.components[kind])
    found |= dict.fromkeys([*registry.suites, *within(registry, "workloads"), *within(registry, "candidates")])
    return list(found)
