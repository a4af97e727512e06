"""From a name to what it means, and what there is to say of each of its meanings."""

from typing import Any

from optbench.contract.errors import OptbenchError, near
from optbench.lab.about.component import about_component
from optbench.lab.about.suite import about_candidate, about_suite
from optbench.lab.about.workload import about_workload
from optbench.registry.catalogue import NAMED, meanings, names
from optbench.registry.guests import invite
from optbench.registry.registry import Registry
from optbench.registry.scripts import is_path


def about(
    registry: Registry, name: str, kind: str | None = None, suite: str | None = None, measured: bool = True
) -> list[dict[str, Any]]:
    """What there is to say of everything that has this name: a dict for each kind, with `name` and `kind` first.

    name       as `optbench list` has it, a workload or a candidate of a suite, a suite's file (./mine.toml), or a
               component's (./mine.py:Lion)
    kind       only this: "optimizer", "workload", …
    suite      the suite that a workload or a candidate is of; default: the first that has it, `quick` before all
    measured   whether steps are timed and references read, which takes a second; else these fields are None

    Each is what `about_component`, `about_workload`, `about_suite` or `about_candidate` gives. Raises `OptbenchError`
    with near names, of plugins that are not installed, too.
    """
    if kind is not None and kind not in NAMED:
        raise OptbenchError(f"there is no kind {kind!r}; {near(kind, NAMED)}")
    if name.endswith(".toml"):
        kinds = ["suite"]
    elif is_path(name):
        invited = invite(registry, name)
        name, kinds = invited.name, [invited.kind.removesuffix("s")]
    elif suite is not None and kind is None:
        kinds = _within(registry, name, suite)
    else:
        kinds = meanings(registry, name)
    chosen = [one for one in kinds if kind in (None, one)]
    if kind == "candidate" and "optimizer" in kinds:
        chosen = ["candidate"]
    if suite is not None and kind in ("workload", "candidate"):
        chosen = [kind]
    if not chosen:
        others = f"; it is a name of another kind: {', '.join(kinds)}" if kinds else ""
        raise OptbenchError(
            f"there is no {kind or 'component, suite, workload or candidate'} {name!r}{others}"
            + ("" if kinds else f"; {registry.hint(name, names(registry))}")
        )
    return [_about(registry, name, one, suite, measured) for one in chosen]


def _within(registry: Registry, name: str, suite: str) -> list[str]:
    """What a name is in a suite."""
    from optbench.suite import load

    found = load(suite, registry)
    kinds = [
        kind
        for kind, items in (("workload", found.workloads), ("candidate", found.candidates))
        if name in [item.name for item in items]
    ]
    if not kinds:
        known = [item.name for items in (found.workloads, found.candidates) for item in items]
        raise OptbenchError(f"suite {suite} has no workload or candidate {name!r}; {near(name, known)}")
    return kinds


def _about(registry: Registry, name: str, kind: str, suite: str | None, measured: bool) -> dict[str, Any]:
    if kind == "suite":
        return about_suite(registry, name, measured)
    if kind == "workload":
        return about_workload(registry, name, suite, measured)
    if kind == "candidate":
        return about_candidate(registry, name, suite)
    return about_component(registry, f"{kind}s", name, measured)
