"""Computed targets in a suite's file: only these values change, comments and layout stay (tomlkit)."""

from collections.abc import Mapping, Sequence
from typing import Any

from optbench.results.targets.procedure import Computed


def written(text: str, found: Sequence[Computed], origins: Mapping[str, Mapping[str, Any]]) -> str:
    """The suite's text with these targets and their `[provenance.NAME]`.

    A variant that gives no target of its own keeps its base's.
    """
    import tomlkit

    document = tomlkit.parse(text)
    own = {str(table["name"]): table for table in document.get("workloads", [])}
    for computed in found:
        table = own[computed.workload]
        if "target" not in table:
            if "variant_of" in table:
                continue
            inline = _inline(computed)
            inline.trivia.trail = "\r\n" if "\r\n" in text else "\n"
            _append(table, "target", inline)
        elif isinstance(table["target"], tomlkit.items.InlineTable):
            inline, old = _inline(computed), table["target"].trivia
            for part in ("comment_ws", "comment", "trail"):
                setattr(inline.trivia, part, getattr(old, part))
            table["target"] = inline
        else:
            for field in ("value", "further", "ladder"):
                table["target"].pop(field, None)
            table["target"].update(_values(computed))
        if "provenance" not in document:
            document.append("provenance", tomlkit.table(is_super_table=True))
        document["provenance"][computed.workload] = _table(origins[computed.workload])
    return tomlkit.dumps(document)


def fragment(found: Sequence[Computed], origins: Mapping[str, Mapping[str, Any]]) -> str:
    """What to write into a suite by hand: a target for each of its workloads, and the provenance of all."""
    import tomlkit

    lines = [line for c in found for line in (f"# {c.workload}", f"target = {_inline(c).as_string()}", "")]
    document = tomlkit.document()
    origin = tomlkit.table(is_super_table=True)
    for computed in found:
        origin[computed.workload] = _table(origins[computed.workload])
    document["provenance"] = origin
    return "\n".join(lines) + "\n" + tomlkit.dumps(document)


def _values(computed: Computed) -> dict[str, Any]:
    return {"metric": computed.metric, "ladder": list(computed.ladder)}


def _inline(computed: Computed) -> Any:
    """{ metric = …, ladder = … } with blanks inside the braces, which tomlkit would leave out."""
    import tomlkit

    pairs = ", ".join(f"{name} = {tomlkit.item(value).as_string()}" for name, value in _values(computed).items())
    return tomlkit.parse(f"target = {{ {pairs} }}")["target"]


def _table(values: Mapping[str, Any]) -> Any:
    import tomlkit

    table = tomlkit.table()
    for name, value in values.items():
        table[name] = value
    return table


def _append(table: Any, key: str, item: Any) -> None:
    """Add a key behind the last one, before blank lines and comments that belong to what follows."""
    body = table.value.body
    trailing = []
    while body and body[-1][0] is None:
        trailing.append(body.pop()[1])
    table[key] = item
    for trivia in reversed(trailing):
        table.add(trivia)
