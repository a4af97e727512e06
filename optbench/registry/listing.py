"""What `optbench list` and `optbench plugins` show, as plain data and as tables."""

import inspect
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import Hyper
from optbench.registry.registry import Entry, registry


def listing(kinds: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Everything registered of these kinds (plural), as plain data."""
    found = registry()
    result: dict[str, list[dict[str, Any]]] = {}
    for kind in kinds:
        if kind == "suites":
            result[kind] = [suite(name, *item) for name, item in sorted(found.suites.items())]
        else:
            result[kind] = [listed(name, entry) for name, entry in sorted(found.components[kind].items())]
    return result


def listed(name: str, entry: Entry) -> dict[str, Any]:
    """A component as plain data; one that cannot be made says why instead of what it is."""
    try:
        return component(entry)
    except OptbenchError as error:
        return {
            "name": name,
            "kind": entry.kind.removesuffix("s"),
            "description": f"cannot be made: {error}",
            "reference": "",
            "provider": entry.distribution,
            "version": entry.version,
            "hyperparameters": {},
        }


def component(entry: Entry) -> dict[str, Any]:
    cls = entry.component
    return {
        "name": cls.name,
        "kind": cls.kind,
        "description": summary(cls),
        "reference": cls.reference,
        "provider": entry.distribution,
        "version": entry.version,
        "hyperparameters": {name: hyper(h) for name, h in cls.hyperparameters().items()},
    }


def hyper(spec: Hyper) -> dict[str, Any]:
    values = asdict(spec)
    values["valid"] = str(spec.valid) if spec.valid else None
    values["choices"] = list(spec.choices)
    return values


def suite(name: str, file: Any, plugin: str) -> dict[str, Any]:
    import tomllib

    try:
        text = file.read_text(encoding="utf-8")
        try:  # what is above the first table: to parse all of them takes longer
            title = tomllib.loads(text.partition("\n[")[0])["title"]
        except (KeyError, ValueError):
            title = tomllib.loads(text).get("title", "")
    except (OSError, ValueError) as error:
        title = f"cannot be read: {error}"
    return {"name": name, "description": str(title), "provider": plugin.partition(":")[0]}


def summary(cls: type) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(cls) or "").partition("\n")[0].strip()


def listing_lines(found: dict[str, list[dict[str, Any]]], width: int, dimmed: bool = False) -> Iterator[str]:
    """A table a kind, of at most so many columns; importing rich would take longer than all else.

    dimmed   whether hyperparameters are shown dimmed, by a terminal's escapes
    """
    before, behind = ("\x1b[2m", "\x1b[0m") if dimmed else ("", "")
    for kind, items in found.items():
        what = "what" if kind == "suites" else "what, and hyperparameters"
        shown = [{"name": "name", "description": what, "provider": "from"}, *items]
        names, froms = (max(len(item[column]) for item in shown) for column in ("name", "provider"))
        middle = max(16, width - names - froms - 4)
        yield kind
        for item in shown:
            first, *more = textwrap.wrap(item["description"], middle) or [""]
            yield f"{item['name']:{names}}  {first:{middle}}  {item['provider']}".rstrip()
            for line in more:
                yield " " * (names + 2) + line
            # Hyperparameters stand below what it is: beside it, words would be broken where a terminal has 80 columns.
            values = ", ".join(f"{name}={h['default']}" for name, h in item.get("hyperparameters", {}).items())
            for line in textwrap.wrap(values, middle):
                yield " " * (names + 2) + before + line + behind


def plugin_list() -> list[dict[str, Any]]:
    """Every plugin that was found, the broken ones too, as plain data."""
    found = registry()
    names = [*found.plugins, *(p.plugin for p in found.problems if p.plugin not in found.plugins)]
    return [
        {
            "plugin": name,
            "version": found.plugins[name].version if name in found.plugins else None,
            "offers": found.plugins[name].offers if name in found.plugins else {},
            "unavailable": [
                {"kind": kind, "name": record.name, "reason": record.reason}
                for kind, records in found.unavailable.items()
                for record, plugin in records.values()
                if plugin == name
            ],
            "problems": [
                {"stage": p.stage, "error": p.error} for p in found.problems if p.plugin == name
            ],
        }
        for name in dict.fromkeys(names)
    ]


def plugin_table() -> Iterable[Any]:
    from rich.text import Text

    for plugin in plugin_list():
        yield Text(f"{plugin['plugin']}  {plugin['version'] or 'not loaded'}", style="bold")
        for kind, names in plugin["offers"].items():
            shown = [f"{prefix}:MODULE:NAME" for prefix in names] if kind == "resolvers" else names
            yield Text(f"  {kind}: {', '.join(shown)}")
        reasons: dict[str, list[str]] = {}
        for item in plugin["unavailable"]:
            reasons.setdefault(item["reason"], []).append(item["name"])
        for reason, names in reasons.items():
            yield Text(f"  unavailable: {', '.join(names)}: {reason}", style="yellow")
        for problem in plugin["problems"]:
            yield Text(f"  problem ({problem['stage']}): {problem['error']}", style="red")
