"""Which plugins are installed: the entry points of every distribution on the path."""

import os
import re
from collections.abc import Iterator
from importlib.metadata import EntryPoint, PackageNotFoundError, distributions, version

from optbench.registry.faults import Problem, one_line

GROUP = "optbench"


def installed_entry_points(problems: list[Problem] | None = None) -> list[tuple[EntryPoint, str, str]]:
    """(entry point, distribution, version) of every installed plugin; optbench's own first.

    `OPTBENCH_PLUGINS=a,b` limits them to these distributions and optbench itself. A distribution whose entry
    points cannot be read is added to `problems`.
    """
    limit = os.environ.get("OPTBENCH_PLUGINS")
    wanted = None if limit is None else {"optbench", *(normal(name) for name in limit.split(","))}
    found: list[tuple[EntryPoint, str, str]] = []
    seen: set[str] = set()
    for points, name, number in _offers(problems if problems is not None else []):
        # The first of that name on the path is the one that is imported.
        if normal(name) not in seen and (wanted is None or normal(name) in wanted):
            seen.add(normal(name))
            found += [(point, name, number) for point in points]
    return sorted(found, key=lambda item: (item[1] != "optbench", item[1], item[0].name))


def _offers(problems: list[Problem]) -> Iterator[tuple[list[EntryPoint], str, str]]:
    for distribution in distributions():
        try:
            points = [point for point in distribution.entry_points if point.group == GROUP]
            if points:
                # Metadata are read of plugins only: an environment may hold hundreds of distributions.
                yield points, distribution.metadata["Name"] or "unnamed", distribution.version
        except Exception as error:
            if GROUP in (distribution.read_text("entry_points.txt") or ""):
                name = getattr(distribution, "_path", "a distribution")
                text = f"entry points cannot be read: {one_line(error)}"
                problems.append(Problem(str(name), "import", text))


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def own_version() -> str:
    try:
        return version("optbench")
    except PackageNotFoundError:
        return "0+unknown"
