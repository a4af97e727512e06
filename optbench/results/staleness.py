"""Whether stored results are those of a suite as it is now: its definitions, the code, the data.

What a trial was made with is in its fingerprints. They are compared with those of the trial that the suite would ask
for now: nothing is trained.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import Registry
from optbench.results.unlike import unlike
from optbench.running.resuming import changed_sources
from optbench.store.store import Store
from optbench.suite import Candidate, Suite
from optbench.trials.trial import Trial
from optbench.tuning import first_trials


@dataclass(frozen=True)
class Stale:
    """Results that would be others now. `candidate` is empty where all of a workload are."""

    workload: str
    candidate: str
    why: str


def named_beside(stored: Mapping[str, Any], full: Suite, registry: Registry) -> tuple[list[Candidate], list[str]]:
    """Stored candidates that the suite's file does not name: those that can be made here, and the names of others."""
    from pydantic import ValidationError

    own = {c.name for c in full.candidates}
    made: list[Candidate] = []
    absent: list[str] = []
    for table in stored.get("candidates", ()):
        if table["name"] in own:
            continue
        try:
            made.append(Candidate.model_validate(table, context={"registry": registry}))
        except (ValidationError, OptbenchError):
            absent.append(table["name"])
    return made, absent


def trials_now(
    stored: Mapping[str, Any], full: Suite, registry: Registry, contents: Mapping[str, str]
) -> Iterator[tuple[str, str, Trial]]:
    """As `first_trials`, with the stored candidates that can be made here though the suite does not name them."""
    made, _ = named_beside(stored, full, registry)
    yield from first_trials(
        full.model_copy(update={"candidates": (*full.candidates, *made)}), registry, contents
    )


def stale(source: Store, full: Suite, registry: Registry, contents: Mapping[str, str]) -> list[Stale]:
    """What of the results in `source` a run of the whole suite would make anew, and what is missing there.

    contents   what the datasets hold here: see `optbench.running.contents`
    Of a candidate whose plugin is not here the rest is looked at: see `named_beside`.
    """
    stored = source.get("suite") or {}
    found: list[Stale] = []
    budget = differing_budget(stored, full)
    works = {w["name"]: w for w in stored.get("workloads", ())}
    candidates = {c["name"]: c for c in stored.get("candidates", ())}
    whole: dict[str, str] = {}
    for workload in full.workloads:
        path = unlike(works[workload.name], workload.model_dump(mode="json")) if workload.name in works else "missing"
        if path or budget:
            whole[workload.name] = "missing" if path == "missing" else budget or f"its {path} is another now"
            found.append(Stale(workload.name, "", whole[workload.name]))
    redefined = {
        c.name: path
        for c in full.candidates
        if c.name in candidates and (path := unlike(candidates[c.name], c.model_dump(mode="json")))
    }
    known = source.first_trials()
    here: dict[str, Trial] = {}
    for workload_name, name, trial in trials_now(stored, full, registry, contents):
        here.setdefault(workload_name, trial)
        if workload_name in whole:
            continue
        if name in redefined:
            found.append(Stale(workload_name, name, f"its {redefined[name]} is another now"))
        elif (workload_name, name) not in known:
            found.append(Stale(workload_name, name, "missing"))
        elif changed := changed_sources(known[workload_name, name], trial):
            found.append(Stale(workload_name, name, "; ".join(changed)))
    _, absent = named_beside(stored, full, registry)
    for (workload_name, name), trial in known.items():
        there = here.get(workload_name) if name in absent and workload_name not in whole else None
        if there is not None and (changed := changed_sources(trial, there)):
            found.append(Stale(workload_name, name, "; ".join(changed)))
    return found


def differing_budget(stored: Mapping[str, Any], full: Suite) -> str:
    """What of seeds and tuning is another now: "tuning.trials is 12 there and 8 here"; empty where nothing is."""
    ours: dict[str, Any] = {"seeds": full.seeds, "seed": full.seed}
    theirs = {"seeds": stored.get("seeds"), "seed": stored.get("seed")}
    # stores of the time when nothing was confirmed do not say so
    tuning = {"finalists": 1, "confirm": 0, **(stored.get("tuning") or {})}
    for field, value in full.tuning.model_dump(mode="json", exclude={"first"}).items():
        ours[f"tuning.{field}"] = value
        theirs[f"tuning.{field}"] = tuning.get(field, value)
    return "; ".join(f"{k} is {theirs[k]!r} there and {ours[k]!r} here" for k in ours if ours[k] != theirs[k])


def told(found: list[Stale]) -> list[str]:
    """A line a reason: "adam on digits-mlp, digits-cnn: adam: its source changed"."""
    places: dict[tuple[str, str], list[str]] = {}
    for one in found:
        places.setdefault((one.candidate, one.why), []).append(one.workload)
    return [f"{f'{who} on ' if who else ''}{', '.join(works)}: {why}" for (who, why), works in places.items()]
