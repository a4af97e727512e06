"""Candidates from what is handed in: names, classes, instances, files.

A class is tuned in the ranges that it declares. An instance is taken as it is: nothing of it is searched, and its
candidate's name says what differs from the defaults. An initializer, a schedule, a normalizer or a regularizer makes
the suite's baseline a candidate with that in place of its own.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError
from optbench.registry.guests import Invited, invite
from optbench.registry.registry import Registry
from optbench.registry.scripts import is_path
from optbench.suite.base import LONGEST
from optbench.suite.candidate import Candidate, candidate_of
from optbench.suite.document import Suite

WHAT = "names of candidates or optimizers, files such as './mine.py:Lion', component classes and instances"
#: kind -> a candidate's field of it; of some it has a list
FIELDS = {
    "optimizers": "optimizer",
    "schedules": "schedule",
    "initializers": "initializer",
    "normalizers": "normalizers",
    "regularizers": "regularizers",
}


def handed(
    things: Sequence[Any], suite: Suite, registry: Registry, folder: str | Path = "."
) -> list[str | Candidate]:
    """Each thing as `Suite.limited` takes it: a name, or a candidate. Files are relative to `folder`."""
    chosen: list[str | Candidate] = []
    codes: dict[tuple[str, str], tuple[str, Any]] = {}
    own = {candidate.name for candidate in suite.candidates}
    for number, thing in enumerate(arguments.listed("candidates", things, f"a list of {WHAT}")):
        if isinstance(thing, str) and (thing in own or not is_path(thing)):
            chosen.append(str(thing))
            continue
        try:
            invited = invite(registry, thing, folder)
        except OptbenchError as error:
            raise error if isinstance(thing, str) else OptbenchError(f"candidates[{number}]: {error}") from None
        entry = registry.entry(invited.kind, invited.name)
        known = codes.setdefault((invited.kind, invited.name), (entry.code, thing))
        if known[0] != entry.code:
            raise OptbenchError(f"two different classes are both {invited.name}: give one of them another name")
        taken = own | {one if isinstance(one, str) else one.name for one in chosen}
        made = _candidate(invited, suite, registry, taken)
        if not any(isinstance(one, Candidate) and _same(one, made) for one in chosen):
            chosen.append(made)
    return chosen


def _candidate(invited: Invited, suite: Suite, registry: Registry, taken: set[str]) -> Candidate:
    component = registry.entry(invited.kind, invited.name).component
    table: Any = {"name": invited.name}
    if invited.settings is not None:
        table |= {**invited.settings, "search": []}
    elif invited.kind != "optimizers":
        table["search"] = [name for name, hyper in component.hyperparameters().items() if hyper.searchable]
    field = FIELDS.get(invited.kind)
    if field is None:
        singular = invited.kind.removesuffix("s")
        raise OptbenchError(f"{invited.name} is a {singular}, and no candidate: name it in a workload of the suite")
    label = _label(invited, component)
    if invited.kind == "optimizers":
        base: dict[str, Any] = {}
        registered = registry.components["optimizers"]
        others = {c.name for c in suite.candidates} | registered.keys() - {invited.name}
        free = invited.own not in others
        label = label if free else invited.name + label.removeprefix(invited.own)
    else:
        first = suite.candidate(suite.baseline) if suite.baseline is not None else suite.candidates[0]
        base = first.model_dump(mode="json", exclude={"title", "design", "levels"})
        label = f"{first.name}+{label}"
    found = {**base, "name": _unique(label, taken), field: [table] if field.endswith("s") else table}
    return candidate_of(found, registry)


def _label(invited: Invited, component: Any) -> str:
    """The component's own name, with what of an instance differs from the defaults: "lion(lr=0.0003)"."""
    if invited.settings is None:
        return invited.own
    defaults = {name: hyper.default for name, hyper in component.hyperparameters().items()}
    differing = {n: v for n, v in invited.settings.items() if n not in defaults or defaults[n] != v}
    told = ", ".join(f"{name}={_text(value)}" for name, value in differing.items())
    return f"{invited.own}({told})" if told else invited.own


def _text(value: Any) -> str:
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])
    text = f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
    return "".join(c for c in text if c.isprintable() and c not in "\\\"'")


def _unique(label: str, taken: set[str]) -> str:
    """A name that is nobody's and not too long."""
    label = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
    found, number = label, 2
    while found in taken:
        end = f" ({number})"
        found, number = f"{label[: LONGEST - len(end)]}{end}", number + 1
    return found


def _same(one: Candidate, other: Candidate) -> bool:
    left, right = (c.model_dump(mode="json", exclude={"name", "title"}) for c in (one, other))
    return left == right
