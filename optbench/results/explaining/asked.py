"""What is to be explained: the settings of two candidates on each workload, from a stored run or from a suite.

Of a run they are those that its studies selected. Of a suite nothing is tuned: they are those that it states, and else
the components' defaults.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError, near
from optbench.registry.guests import recall
from optbench.registry.registry import Registry
from optbench.results.archives import ENDING, REFERENCE, opened
from optbench.results.reproduction import absent
from optbench.results.results import Results
from optbench.store.store import STORE, Store
from optbench.suite import Suite
from optbench.suite import load as load_suite
from optbench.suite.files import validate
from optbench.suite.handed import handed
from optbench.trials.trial import Trial
from optbench.tuning.making import Maker

#: (workload, study)
Place = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """Two candidates on some workloads.

    suite    of these workloads, without candidates
    a, b     the candidates' names
    places   by workload and study a trial of each
    seeds    how many fresh seeds they have
    store    the run that they are from; None of a suite
    guests   records of the components that were handed in to it
    notes    what was left out
    """

    name: str
    title: str
    suite: Suite
    a: str
    b: str
    places: Mapping[Place, tuple[Trial, Trial]]
    seeds: int
    store: Store | None = None
    guests: Sequence[Mapping[str, Any]] = field(default_factory=list)
    notes: Sequence[str] = ()


@contextmanager
def asked(
    source: str | Path | Suite | Results,
    a: Any,
    b: Any,
    workloads: Sequence[str] | None,
    registry: Registry,
    components: Sequence[Any] = (),
) -> Iterator[Asked]:
    """What `source` says of the two; a store stays open meanwhile. Raises `OptbenchError`.

    components   those that were handed in to the run, and whose files are not where they were
    """
    if isinstance(source, Results):
        source = source.path
    if isinstance(source, Suite) or not is_run(source):
        suite = source if isinstance(source, Suite) else load_suite(source, registry)
        yield of_suite(suite, "suite" if isinstance(source, Suite) else Path(source).stem, a, b, workloads, registry)
        return
    for name, candidate in (("a", a), ("b", b)):
        arguments.text(name, candidate, "the name of a candidate of this run")
    with opened(source) as path, Store(path, readonly=True) as store:
        recall(registry, store.get("guests") or [], components)
        yield of_run(store, str(source), a, b, workloads, registry)


def is_run(source: str | Path) -> bool:
    """Whether a path or name stands for stored results: else it is a suite's."""
    path, text = Path(source), str(source)
    if text == REFERENCE or text.endswith((".xz", ".sqlite")):
        return True
    if path.is_dir() and ((path / STORE).exists() or any(path.glob(f"*{ENDING}"))):
        return True
    return path.suffix != ".toml" and (isinstance(source, Path) or "/" in text)


def of_suite(
    suite: Suite, name: str, a: Any, b: Any, workloads: Sequence[str] | None, registry: Registry
) -> Asked:
    """Candidates of a suite, or anything that `optbench.run` takes as one, as they are."""
    chosen = suite.limited(registry, candidates=handed([a, b], suite, registry)).tuning_free()
    if len(chosen.candidates) < 2:
        raise OptbenchError(f"{chosen.candidates[0].name} is both candidates: there is nothing to explain")
    first, second = chosen.candidates
    works = tuple(w for w in suite.workloads if w.variant_of is None)
    if workloads is not None:
        works = tuple(suite.workload(name) for name in dict.fromkeys(workloads))
    ran = {c.name: [w.name for w in works if c.runs_on(w)] for c in (first, second)}
    both, notes = on_both(ran, [w.name for w in works], workloads is not None)
    works = tuple(w for w in works if w.name in both)
    places = {
        (w.name, 0): tuple(Maker(chosen, w, c, 0, registry).final(0, 1, {}).trial for c in (first, second))
        for w in works
    }
    bare = chosen.model_copy(update={"workloads": works, "candidates": (), "baseline": None, "focus": ()})
    return Asked(
        name, chosen.title, bare, first.name, second.name, places, chosen.seeds, notes=notes  # type: ignore[arg-type]
    )


def of_run(
    store: Store, name: str, a: str, b: str, workloads: Sequence[str] | None, registry: Registry
) -> Asked:
    """Candidates of a run, with the settings that it selected for them."""
    stored = store.get("suite") or {}
    known = [c["name"] for c in stored.get("candidates") or ()]
    for candidate in (a, b):
        if candidate not in known:
            raise OptbenchError(f"{name}: there is no candidate {candidate!r} in this run; {near(candidate, known)}")
    if a == b:
        raise OptbenchError(f"{a} is both candidates: there is nothing to explain")
    guests = store.get("guests") or []
    tables = {w["name"]: w for w in stored["workloads"] if w.get("variant_of") is None}
    chosen = list(tables)
    if workloads is not None:
        if unknown := [w for w in workloads if w not in tables]:
            raise OptbenchError(f"{name}: there is no workload {unknown[0]!r} in this run; {near(unknown[0], tables)}")
        chosen = list(dict.fromkeys(workloads))
    found: dict[str, dict[Place, dict[int, Trial]]] = {a: {}, b: {}}
    for one in store.assignments():
        if one.candidate in found and one.phase == "final" and one.workload in chosen:
            found[one.candidate].setdefault((one.workload, one.study), {})[one.number] = one.trial
    ran = {c: list(dict.fromkeys(w for w, _ in there)) for c, there in found.items()}
    chosen, notes = on_both(ran, chosen, workloads is not None)
    both = [place for place in found[a] if place in found[b] and place[0] in chosen]
    if not both:
        raise OptbenchError(f"{name}: {a} and {b} have no study in common that was judged: go on with the run")
    places = {place: (_first(found[a][place]), _first(found[b][place])) for place in both}
    for trials in places.values():
        for trial in trials:
            if missing := absent(trial, registry, {(g["kind"], g["name"]) for g in guests}):
                raise OptbenchError(f"{name}: {'; '.join(missing)}")
    seeds = min(len(found[c][place]) for c in (a, b) for place in both)
    suite = _without_others(stored, (a, b), [tables[w] for w in chosen], name, registry)
    return Asked(name, store.get("title") or suite.title, suite, a, b, places, seeds, store, guests, notes)


def _without_others(
    stored: Mapping[str, Any], names: Sequence[str], works: Sequence[Any], origin: str, registry: Registry
) -> Suite:
    """The stored suite with these workloads alone; what the two candidates are says that it can be read."""
    kept = {key: value for key, value in stored.items() if key in ("title", "ruleset", "seeds", "seed", "tuning")}
    own = [
        {key: value for key, value in table.items() if key not in ("workloads", "design", "levels")}
        for table in stored["candidates"]
        if table["name"] in names
    ]
    read = validate({**kept, "workloads": works, "candidates": own}, origin, registry)
    return read.model_copy(update={"candidates": ()})


def _first(trials: Mapping[int, Trial]) -> Trial:
    return trials[min(trials)]


def on_both(ran: Mapping[str, Sequence[str]], workloads: Sequence[str], named: bool) -> tuple[list[str], list[str]]:
    """(the workloads that both ran on, notes on others).

    named   whether these workloads were asked for: then both have to be there
    OptbenchError where one is not, or where they share none.
    """
    a, b = ran
    both = [w for w in workloads if all(w in there for there in ran.values())]
    lacking = {c: [w for w in workloads if w not in there] for c, there in ran.items()}
    told = [f"{c} did not run on {', '.join(names)}" for c, names in lacking.items() if names]
    if told and (named or not both):
        only = f"; say {' '.join(f'--workload {w}' for w in both)}" if both else ""
        raise OptbenchError(f"{'; '.join(told)}: what {a} and {b} differ by can be explained where both ran{only}")
    return both, [f"{text}, which is left out" for text in told]
