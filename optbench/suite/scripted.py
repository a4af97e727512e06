"""Components of files in a suite: `optimizer = "./mine.py:Lion"`, relative to the suite's own file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.registry.guests import named
from optbench.registry.registry import Registry
from optbench.registry.scripts import is_path
from optbench.suite.handed import FIELDS
from optbench.suite.problems import place

#: fields of a suite's tables that name components -> the kind
KINDS_OF = {
    **{field: kind for kind, field in FIELDS.items()},
    **{field: f"{field}s" for field in ("normalizer", "regularizer", "dataset", "network", "function", "problem")},
}


def welcomed(raw: Mapping[str, Any], folder: Path, registry: Registry) -> tuple[dict[str, Any], list[str]]:
    """(the suite's table with files' components by their registered names, what is wrong with them).

    A component's name that is a path, such as "./mine.py:Lion", is relative to `folder`, the suite's own.
    """
    problems: list[str] = []

    def walk(value: Any, kind: str, at: tuple[str | int, ...]) -> Any:
        if isinstance(value, Mapping):
            return {key: walk(inner, kind, at) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [walk(item, kind, at) for item in value]
        if not isinstance(value, str) or not is_path(value):
            return value
        try:
            return named(registry, kind, value, folder)
        except OptbenchError as error:
            problems.append(f"{place(raw, at)}: {error}")
            return value

    def table(entry: Any, at: tuple[str | int, ...]) -> Any:
        if not isinstance(entry, Mapping):
            return entry
        return {k: walk(v, KINDS_OF[k], (*at, k)) if k in KINDS_OF else v for k, v in entry.items()}

    found = dict(raw)
    for plural in ("workloads", "candidates", "grid"):
        rows = raw.get(plural)
        if isinstance(rows, (list, tuple)):
            found[plural] = [table(row, (plural, number)) for number, row in enumerate(rows)]
        elif isinstance(rows, Mapping):
            found[plural] = table(rows, (plural,))
    return found, problems
