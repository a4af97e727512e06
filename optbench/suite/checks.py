"""What no table of a suite can tell by itself: names that refer to other tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from optbench.contract.errors import near
from optbench.registry.registry import Registry
from optbench.suite.base import tables
from optbench.suite.claim import WHATS
from optbench.suite.document import Suite
from optbench.suite.workload import metric_of, online, task_of
from optbench.trials.trial import TO_TARGET


def name_problems(raw: Mapping[str, Any]) -> list[str]:
    """Duplicates, empty lists, and references to workloads and candidates that are not there.

    Of the raw tables, so that these are told along with problems of single fields.
    """
    return [*_lists(raw), *_references(raw)]


def _lists(raw: Mapping[str, Any]) -> Iterator[str]:
    if raw.get("controls") is True and not raw.get("claims"):
        yield "controls: the truths that are known are claims: a suite of controls needs some, written [[claims]]"
    for plural in ("workloads", "candidates", "topics"):
        items = raw.get(plural, [])
        if not isinstance(items, (list, tuple)):
            continue
        if not items and plural != "topics":
            yield f"{plural}: a suite needs at least one {plural[:-1]}, written [[{plural}]]"
        seen: dict[str, int] = {}
        for number, name in _names(raw, plural):
            if name in seen:
                yield f'{plural}[{number}] "{name}": the name is taken by {plural}[{seen[name]}]'
            seen.setdefault(name, number)


def _references(raw: Mapping[str, Any]) -> Iterator[str]:
    workloads = {name: None for _, name in _names(raw, "workloads")}
    candidates = {name: None for _, name in _names(raw, "candidates")}
    baseline = raw.get("baseline")
    if isinstance(baseline, str) and baseline not in candidates:
        yield f"baseline: there is no candidate {baseline!r}; {near(baseline, candidates)}"
    focus = raw.get("focus")
    for name in focus if isinstance(focus, (list, tuple)) else ():
        if isinstance(name, str) and name not in candidates:
            yield f"focus: there is no candidate {name!r}; {near(name, candidates)}"
    origins = raw.get("provenance")
    for name in origins if isinstance(origins, Mapping) else ():
        if name not in workloads:
            yield f"provenance: there is no workload {name!r}; {near(str(name), workloads)}"
    for number, table in tables(raw, "workloads"):
        other = table.get("variant_of")
        if isinstance(other, str) and other not in workloads:
            where = f'workloads[{number}] "{table.get("name")}": variant_of'
            yield f"{where}: there is no workload {other!r}; {near(other, workloads)}"
    only: dict[str, list[str]] = {}
    for number, table in tables(raw, "candidates"):
        listed = table.get("workloads")
        if not isinstance(listed, (list, tuple)):
            continue
        only[str(table.get("name"))] = [str(name) for name in listed]
        for name in listed:
            if isinstance(name, str) and name not in workloads:
                where = f'candidates[{number}] "{table.get("name")}": workloads'
                yield f"{where}: there is no workload {name!r}; {near(name, workloads)}"
    covered = {name for names in only.values() for name in names}
    # A misspelt name is told once, not again as a workload without a candidate.
    if candidates and all(only.get(name) for name in candidates) and covered <= set(workloads):
        for number, table in tables(raw, "workloads"):
            name = table.get("name")
            if isinstance(name, str) and name not in covered and table.get("variant_of") is None:
                yield f'workloads[{number}] "{name}": no candidate runs on it'
    yield from _topics(raw)
    bases = {str(t.get("name")): str(t.get("variant_of") or t.get("name")) for _, t in tables(raw, "workloads")}
    for number, table in tables(raw, "claims"):
        yield from _claim(number, table, workloads, candidates, only, bases)


def _topics(raw: Mapping[str, Any]) -> Iterator[str]:
    """Topics are free words, unless the suite explains them: then an unexplained one is a misspelt one."""
    known = {name: None for _, name in _names(raw, "topics")}
    for plural, label in (("workloads", "name"), ("claims", "statement")):
        for number, table in tables(raw, plural) if known else ():
            topic = table.get("topic")
            if isinstance(topic, str) and topic not in known:
                where = f'{plural}[{number}] "{str(table.get(label))[:40]}": topic'
                yield f"{where}: there is no topic {topic!r}; {near(topic, known)}"


def _claim(
    number: int,
    table: Mapping[str, Any],
    workloads: Mapping[str, None],
    candidates: Mapping[str, None],
    only: Mapping[str, list[str]],
    bases: Mapping[str, str],
) -> Iterator[str]:
    where = f"claims[{number}]"
    if isinstance(table.get("statement"), str):
        where += f' "{table["statement"][:40]}"'
    many = table.get("workloads")
    names = many if isinstance(many, (list, tuple)) else [table.get("workload")]
    field = "workload" if "workload" in table else "workloads"
    for name in names:
        if isinstance(name, str) and name not in workloads:
            yield f"{where}: {field}: there is no workload {name!r}; {near(name, workloads)}"
    sides = [("equal", one) for one in listed(table.get("equal"))]
    sides = sides or [(side, table.get(side)) for side in ("better", "worse")]
    sides += [("than", one) for one in listed(table.get("than"))]
    for side, candidate in sides:
        if not isinstance(candidate, str):
            continue
        if candidate not in candidates:
            yield f"{where}: {side}: there is no candidate {candidate!r}; {near(candidate, candidates)}"
        for name in names:
            if isinstance(name, str) and name in workloads and bases[name] not in only.get(candidate, workloads):
                yield f"{where}: {side}: candidate {candidate!r} does not run on workload {name!r}"


def listed(value: Any) -> list[Any]:
    """The items of a list, before anything was checked; of anything else none."""
    return list(value) if isinstance(value, (list, tuple)) else []


def metric_problems(suite: Suite, registry: Registry) -> list[str]:
    """Claims about a metric that a workload does not have."""
    problems = []
    for number, claim in enumerate(suite.claims):
        for name in claim.workloads:
            workload = suite.workload(name)
            where = f'claims[{number}] "{claim.statement[:40]}": metric: {claim.metric}'
            own = metric_of(workload, registry)
            what = claim.metric.rpartition("_")[2]
            if claim.metric in TO_TARGET and workload.target is None:
                problems.append(f"{where} needs a target, and workload {name!r} has none")
            elif own is None and claim.metric.startswith(("final_", "generalization")):
                if claim.metric != "final_train_loss":
                    problems.append(f"{where} is not measured on function {name!r}: final_train_loss is")
            elif own is not None and what in WHATS and what not in (own, "loss", "metric" if own else ""):
                kind = "a problem" if workload.bare else f"a {task_of(workload.dataset, registry)}"
                problems.append(f"{where} is not measured on {name!r}, {kind}: {own or 'its loss'} is")
    return problems


def batch_problems(suite: Suite, registry: Registry) -> list[str]:
    """Candidates that take all examples at a time, on data that never come to an end."""
    problems = []
    for number, candidate in enumerate(suite.candidates):
        if candidate.batch_size != "full":
            continue
        for name in [w.name for w, c in suite.pairs() if c is candidate and online(w.dataset, registry)][:1]:
            where = f'candidates[{number}] "{candidate.name}": batch_size'
            problems.append(f"{where}: online data, of workload {name!r}, have no full batch: give a number")
    return problems


def _names(raw: Mapping[str, Any], plural: str) -> list[tuple[int, str]]:
    return [(n, t["name"]) for n, t in tables(raw, plural) if isinstance(t.get("name"), str)]
