"""What `optbench list` and `optbench plugins` show, as plain data and as tables."""

import inspect
from collections.abc import Iterable, Sequence
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
        title = tomllib.loads(file.read_text(encoding="utf-8")).get("title", "")
    except (OSError, ValueError) as error:
        title = f"cannot be read: {error}"
    return {"name": name, "description": str(title), "provider": plugin.partition(":")[0]}


def summary(cls: type) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(cls) or "").partition("\n")[0].strip()


def listing_table(found: dict[str, list[dict[str, Any]]]) -> Iterable[Any]:
    """A rich table a kind."""
    from rich.table import Table
    from rich.text import Text

    for kind, items in found.items():
        table = Table(title=kind, title_justify="left", box=None, pad_edge=False, header_style="bold")
        # Hyperparameters stand below what it is: beside it, words would be broken where a terminal has 80 columns.
        table.add_column("name", no_wrap=True)
        table.add_column("what" if kind == "suites" else "what, and hyperparameters", overflow="fold")
        table.add_column("from", no_wrap=True)
        for item in items:
            what = Text(item["description"])
            values = ", ".join(f"{name}={h['default']}" for name, h in item.get("hyperparameters", {}).items())
            if values:
                what.append(f"\n{values}", style="dim")
            # Text, not markup: names and descriptions are strangers'.
            table.add_row(Text(item["name"]), what, Text(item["provider"]))
        yield table


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
