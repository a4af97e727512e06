"""Running only one's own candidate, beside the stored results of others.

The others' trials are copied into the store of the run, each with the environment that it was made in; they are
tables, scores and pages like any other, marked as reference. Steps compare across machines. Seconds do not: the
baseline is timed here as well, and the others' seconds are multiplied by its ratio (see `optbench.store.machines`).

What cannot be compared is refused: another contract of components, another budget of tuning, other seeds, a workload
that is defined differently now. A candidate that is defined differently now is left out, by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.contract.hookspecs import CONTRACT
from optbench.registry.guests import united
from optbench.registry.registry import Registry
from optbench.results.staleness import differing_budget, trials_now
from optbench.results.unlike import unlike
from optbench.running.resuming import changed_sources
from optbench.store.environment import installed
from optbench.store.store import Store
from optbench.suite import Suite


@dataclass(frozen=True)
class Plan:
    """What is taken from a reference.

    suite      what the store then holds: the run's workloads, the reference's candidates and the run's own
    own        candidates that are run here
    others     candidates from the reference
    baseline   the candidate that is timed on both machines; None where the reference lacks it
    notes      what a reader has to know: differences, and what was left out
    """

    name: str
    suite: dict[str, Any]
    own: tuple[str, ...]
    others: tuple[str, ...]
    baseline: str | None
    notes: tuple[str, ...]


def plan(
    name: str, source: Store, full: Suite, chosen: Suite, registry: Registry, contents: Mapping[str, str]
) -> Plan:
    """How a run of `chosen`, a part of `full`, is set beside the results in `source`; OptbenchError where it cannot.

    name       of the reference, for messages
    contents   what the datasets hold here
    """
    suite = source.get("suite") or {}
    if not suite.get("candidates"):
        raise OptbenchError(f"--against {name}: the store does not say which suite was run")
    check_budget(name, suite, chosen)
    check_contract(name, source)
    notes = versions(source)
    check_workloads(name, suite.get("workloads", []), [w.model_dump(mode="json") for w in chosen.workloads])
    notes += check_sources(name, source, full, chosen, registry, contents)
    own = tuple(c.name for c in chosen.candidates)
    theirs = [c for c in suite["candidates"] if c["name"] not in own]
    now = {c.name: c.model_dump(mode="json") for c in full.candidates}
    others: list[dict[str, Any]] = []
    for candidate in theirs:
        path = unlike(candidate, now.get(candidate["name"], candidate))
        if path:
            notes.append(f"candidate {candidate['name']} of the reference is left out: its {path} is another now")
        else:
            others.append(candidate)
    if not others:
        raise OptbenchError(
            f"--against {name}: no candidate of the reference is left to compare with; " + "; ".join(notes)
        )
    names = tuple(c["name"] for c in others)
    whole = chosen.model_dump(mode="json")
    whole["candidates"] = [*others, *whole["candidates"]]
    ours = {*names, *own}
    baseline = full.baseline if full.baseline in ours else suite.get("baseline")
    whole["baseline"] = baseline if baseline in ours else None
    if full.baseline and whole["baseline"] != full.baseline:
        notes.append(f"the suite's baseline, {full.baseline}, is not in the reference; it is {whole['baseline']} here")
    asked = {c.name: c for c in chosen.candidates}
    known = [asked.get(c, c) for c in ours if c in now or c in own]
    claims = full.limited(registry, candidates=known, workloads=[w.name for w in chosen.workloads]).claims
    whole["claims"] = [claim.model_dump(mode="json") for claim in claims]
    return Plan(name, whole, own, names, whole["baseline"] if whole["baseline"] in names else None, tuple(notes))


def check_budget(name: str, suite: Mapping[str, Any], chosen: Suite) -> None:
    """Candidates are tuned equally and judged on the same seeds, or not compared."""
    wrong = differing_budget(suite, chosen)
    if wrong:
        raise OptbenchError(
            f"--against {name}: candidates must be tuned equally and judged on the same seeds, but {wrong}; "
            "run with the reference's numbers, or run all candidates"
        )


def check_contract(name: str, source: Store) -> None:
    contracts = source.contracts()
    if contracts != {CONTRACT}:
        found = ", ".join(map(str, sorted(contracts))) or "none"
        raise OptbenchError(
            f"--against {name}: its trials have contract {found} of components, this optbench has {CONTRACT}: they do "
            "not compare; run all candidates"
        )


def versions(source: Store) -> list[str]:
    """A note for each version that decides results and is another here."""
    notes = []
    here = {package: installed(package) for package in ("optbench", "numpy")}
    for environment, _ in source.environments():
        packages = environment.get("packages") or {}
        for package, version in here.items():
            if package in packages and packages[package] != version:
                notes.append(f"the reference was made with {package} {packages[package]}, this run with {version}")
    return list(dict.fromkeys(notes))


def check_sources(
    name: str, source: Store, full: Suite, chosen: Suite, registry: Registry, contents: Mapping[str, str]
) -> list[str]:
    """A note for all code that is another now than what the reference was made with; other data are refused."""
    known = source.first_trials()
    works, own = {w.name for w in chosen.workloads}, {c.name for c in chosen.candidates}
    found: dict[str, None] = {}
    for workload, candidate, trial in trials_now(source.get("suite") or {}, full, registry, contents):
        if workload in works and candidate not in own and (workload, candidate) in known:
            found |= dict.fromkeys(changed_sources(known[workload, candidate], trial))
    data = [what for what in found if what.endswith("its data changed")]
    if data:
        raise OptbenchError(f"--against {name}: {'; '.join(data)} since it was made; run all candidates")
    return [f"{what} since the reference was made" for what in found]


def check_workloads(name: str, theirs: Sequence[Mapping[str, Any]], ours: Sequence[Mapping[str, Any]]) -> None:
    """Every workload of the run is in the reference as it is now: a candidate that did not run counts as a miss."""
    known = {w["name"]: w for w in theirs}
    wrong, same = [], []
    for workload in ours:
        path = unlike(known[workload["name"]], workload) if workload["name"] in known else "is missing"
        if path:
            wrong.append(workload["name"] + (" is missing" if path == "is missing" else f" differs in {path}"))
        else:
            same.append(workload["name"])
    if wrong:
        some = f", or only the others: {' '.join(f'--workload {w}' for w in same)}" if same else ""
        raise OptbenchError(
            f"--against {name}: its workloads are not those of this run: {'; '.join(wrong)}; run all candidates{some}"
        )


def bring(plan: Plan, source: Store, store: Store) -> int:
    """Copy the plan's part of a reference into the store of a run; how many trials that were."""
    works = {w["name"] for w in plan.suite["workloads"]}
    wanted = [a for a in source.assignments() if a.workload in works and a.candidate in plan.others]
    store.assign(wanted)
    places = {(a.workload, a.candidate) for a in wanted}
    store.select_all((*place, key) for place, key in source.selected().items() if place[:2] in places)
    before = store.finished({a.trial.key for a in wanted})
    copied = []
    with store.together():  # tens of thousands: a transaction each would wait for the disk as often
        for a in {a.trial.key: a for a in wanted}.values():
            if a.trial.key not in before and store.copy_run(source, a.trial):
                copied.append(a.trial.key)
    store.copy_costs(source, lambda workload, candidate: (workload, candidate) in places)
    bridges = store.get("bridges", {})
    for workload, candidates in (source.get("bridges") or {}).items():
        kept = {c: v for c, v in candidates.items() if (workload, c) in places}
        bridges[workload] = kept | bridges.get(workload, {})
    store.set("bridges", bridges)
    store.set("thinned", bool(source.get("thinned")))
    store.set("guests", united([*(source.get("guests") or []), *(store.get("guests") or [])], []))
    environments = source.environments()
    store.set(
        "reference",
        {
            "name": plan.name, "candidates": list(plan.others), "baseline": plan.baseline, "notes": list(plan.notes),
            "trials": len(copied), "keys": copied, "environment": environments[0][0] if environments else {},
        },
    )  # fmt: skip
    return len(copied)


def leave(store: Store) -> None:
    """Remove what an earlier run had copied from a reference: this run decides anew what it stands beside."""
    said = store.get("reference")
    if said:
        store.forget(said.get("keys", ()))
        store.set("reference", None)
        store.set("thinned", False)
