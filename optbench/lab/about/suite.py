"""What there is to say of a suite: its plan before it is run, and what a candidate of it is made of."""

import math
from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.registry.catalogue import within
from optbench.registry.registry import Registry
from optbench.results.foretelling import START, seconds_of
from optbench.running.estimate import priors
from optbench.suite import Candidate, Suite, load
from optbench.tuning import planned

PARTS = ("optimizer", "schedule", "initializer", "normalizers", "regularizers")


def about_suite(registry: Registry, name: str, measured: bool = True) -> dict[str, Any]:
    """A registered suite, or a file's, as plain data: its plan.

    title, description, provider, baseline, seeds, ruleset
    tuning       {"method", "trials", "studies", "finalists", "confirm"}
    workloads    [{"name", "family", "shows", "epochs", "steps", "studies", "variant_of", "target", "trials",
                 "seconds"}]
    candidates   [{"name", "optimizer", …, "searched": paths, "workloads": names or None for all}]
    claims       how many it judges
    trials       how many a run has at most
    seconds      of the training in all by one process on this machine, within a factor of two or so, each candidate
                 costing as Adam does; None where a workload's cost is not known (`optbench plan` tells more). Of a
                 workload likewise
    reference    whether reference results of it are installed

    Raises `OptbenchError`.
    """
    suite = load(name, registry)
    registered = name in registry.suites
    seconds = seconds_of(suite, priors(suite.workloads, registry), 1) if measured else {}
    counted = {w.name: planned(suite.model_copy(update={"workloads": (w,)})) for w in suite.workloads}
    total = START + sum(seconds.values()) if seconds else math.nan
    return {
        "name": name if registered else Path(name).stem, "kind": "suite", "title": suite.title,
        "description": suite.description,
        "provider": registry.suites[name][1].partition(":")[0] if registered else str(name),
        "baseline": suite.baseline, "seeds": suite.seeds, "ruleset": suite.ruleset,
        "tuning": {f: getattr(suite.tuning, f) for f in ("method", "trials", "studies", "finalists", "confirm")},
        "workloads": [
            {
                "name": w.name, "family": w.family, "shows": w.shows, "epochs": w.epochs, "steps": w.steps,
                "studies": suite.studies(w), "variant_of": w.variant_of,
                "target": None if w.target is None else w.target.model_dump(mode="json"),
                "trials": counted[w.name], "seconds": _known(seconds.get(w.name, math.nan)),
            }
            for w in suite.workloads
        ],
        "candidates": [_candidate(candidate) for candidate in suite.candidates],
        "claims": len(suite.claims), "trials": planned(suite), "seconds": _known(total),
        "reference": name in registry.references,
    }  # fmt: skip


def about_candidate(registry: Registry, name: str, suite: str | None = None) -> dict[str, Any]:
    """A candidate of a suite as plain data: its components with their settings, and the ranges that are searched."""
    having = within(registry, "candidates").get(name, [])
    if suite is None and not having:
        raise OptbenchError(f"no registered suite has a candidate {name!r}")
    told = suite or having[0]
    found: Suite = load(told, registry)
    candidate = found.candidate(name)
    parts = candidate.model_dump(mode="json", include=set(PARTS) | {"batch_size"})
    return {
        "name": name, "kind": "candidate", "suite": str(told), "also_in": [one for one in having if one != told],
        "title": candidate.title, **parts, "workloads": None if candidate.workloads is None else [*candidate.workloads],
    }  # fmt: skip


def _candidate(candidate: Candidate) -> dict[str, Any]:
    plain = candidate.model_dump(mode="json")
    tables = [(part, table) for part in PARTS for table in _tables(plain[part])]
    names: dict[str, Any] = {
        part: [t["name"] for t in _tables(plain[part])] if part.endswith("s") else (plain[part] or {}).get("name")
        for part in PARTS
    }
    searched = [f"{part}.{path}" for part, table in tables for path in table.get("search", {})]
    return {"name": candidate.name, **names, "searched": searched, "workloads": plain["workloads"]}


def _tables(value: Any) -> list[dict[str, Any]]:
    return list(value) if isinstance(value, (list, tuple)) else [value] if isinstance(value, dict) else []


def _known(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None
