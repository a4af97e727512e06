"""Held-out variants: a workload that says what differs from another one, its base, and has everything else of it.

    [[workloads]]
    name = "digits-mlp-wide"
    variant_of = "digits-mlp"
    network = { hidden = [256, 128] }

Tuning never sees a variant: every candidate runs there on fresh seeds with the settings that were selected on the
base. So a variant has neither studies nor candidates of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from optbench.suite.base import tables

#: what names a workload is its own
OWN = ("name", "title", "variant_of")
#: fields that exclude each other: who gives one, inherits none of the others
EXCLUSIVE = (
    ("epochs", "steps"),
    ("normalizer", "normalizers"),
    ("regularizer", "regularizers"),
    ("function", "dataset"),
    ("function", "network"),
    ("problem", "dataset"),
    ("problem", "network"),
    ("problem", "function"),
)


def inherited(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The suite's table with every variant filled in from its base; a suite that is filled in stays as it is."""
    items = raw.get("workloads")
    if not isinstance(items, (list, tuple)):
        return dict(raw)
    filled = list(items)
    for number, base in bases_of(raw).items():
        if items[base].get("variant_of") is None:  # a variant of a variant is refused
            filled[number] = _filled(items[base], items[number])
    return {**raw, "workloads": filled}


def bases_of(raw: Mapping[str, Any]) -> dict[int, int]:
    """{number of a variant: number of its base} of the suite's workloads, as far as they name each other."""
    found = list(tables(raw, "workloads"))
    numbers = {t["name"]: n for n, t in reversed(found) if isinstance(t.get("name"), str)}
    bases = {n: numbers.get(t["variant_of"]) for n, t in found if isinstance(t.get("variant_of"), str)}
    return {n: base for n, base in bases.items() if base is not None and base != n}


def variant_problems(raw: Mapping[str, Any]) -> Iterator[str]:
    """Variants of variants or of themselves, with studies of their own, or named by candidates."""
    items, bases = dict(tables(raw, "workloads")), bases_of(raw)
    for number, table in items.items():
        if not isinstance(table.get("variant_of"), str):
            continue
        where = f'workloads[{number}] "{table.get("name")}"'
        if table.get("sealed"):
            yield f"{where}: sealed: such variants are drawn, not written: say sealed = 6 at the top for six of them"
        if table["variant_of"] == table.get("name"):
            yield f"{where}: variant_of: it names itself"
        elif number in bases:
            base = items[bases[number]]
            if base.get("variant_of") is not None:
                yield f"{where}: variant_of: {base['name']!r} is a variant of {base['variant_of']!r} itself: name that"
            elif table.get("studies") != base.get("studies"):
                yield f"{where}: studies: a variant is not tuned, it has the studies of {base['name']!r}"
    named = {n: base for n, base in bases.items() if isinstance(items[n].get("name"), str)}
    held_out = {items[n]["name"]: items[base]["name"] for n, base in named.items()}
    for number, table in tables(raw, "candidates"):
        listed = table.get("workloads")
        for name in listed if isinstance(listed, (list, tuple)) else ():
            if isinstance(name, str) and name in held_out:
                where = f'candidates[{number}] "{table.get("name")}": workloads'
                yield f"{where}: {name!r} is a held-out variant: it takes part wherever {held_out[name]!r} does"


def _filled(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    given = {field for field, value in own.items() if value is not None}
    blocked = {field for group in EXCLUSIVE if given & set(group) for field in group}
    filled = {f: v for f, v in base.items() if f not in OWN and f not in blocked}
    for field, value in own.items():
        filled[field] = _merged(field, base.get(field), value)
    return filled


def _merged(field: str, base: Any, own: Any) -> Any:
    """A table of settings gives what differs, as long as it is the same component (or the same target's metric)."""
    if not isinstance(own, Mapping) or not isinstance(base, (str, Mapping)):
        return own
    if isinstance(base, str):
        base = {"kind" if field == "network" else "name": base}
    if field == "target":
        kept = {} if "metric" in own else {"metric": base.get("metric")}
        return {**kept, **own} if {"value", "ladder"} & set(own) else {**base, **own}
    name, other = own.get("name", own.get("kind")), base.get("name", base.get("kind"))
    if name is None:
        return {**base, **own}
    rest = {key: value for key, value in base.items() if key not in ("name", "kind")}
    return {**rest, **own} if name == other else dict(own)
