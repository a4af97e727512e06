"""What stays in a folder's plan beside what a run asks for: the other parts of its suite, that it holds from before.

A run of some candidates or workloads replaces what was planned for these, and for nothing else. Another candidate on
a workload stands for as long as a run of the whole suite would take its trials: it is still in the suite's file (or was
named beside it), it is defined as it was, and so are its code and data. What does not stand leaves the plan, with the
reason; its runs stay in the store, by their keys.

A candidate that was handed in, and whose class is not at hand now, stands as it is stored: nothing of it is made.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import Registry
from optbench.running.contents import contents
from optbench.running.resuming import OLD, Earlier, changed_sources, changes
from optbench.store.store import STORE, Store
from optbench.suite import Candidate, Suite
from optbench.trials.trial import WORDS, Trial, canonical
from optbench.tuning import first_trials

Pair = tuple[str, str]


@dataclass(frozen=True)
class Standing:
    """What of an earlier plan stands beside a run.

    suite   the run's suite, with what stands
    pairs   (workload, candidate) that stand
    left    why others do not: {reason: pairs}
    named   candidates of `suite`, and absent ones, that are in no suite's file
    absent  candidates that stand though what they are is not at hand, as the store's suite has them
    notes   on these, for the user
    """

    suite: Suite
    pairs: frozenset[Pair] = frozenset()
    left: Mapping[str, list[Pair]] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    absent: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        """The suite that tables and pages are made of, for the store."""
        suite = self.suite.model_dump(mode="json")
        return suite | {"candidates": [*suite["candidates"], *self.absent]}

    def lines(self) -> list[str]:
        """For the user: what left, and why, and what stands as it is."""
        left = [
            f"warning: {_told(pairs)}: left out of the tables, since {why}; run them again to have them there"
            for why, pairs in self.left.items()
        ]
        return [*left, *self.notes]


def standing(
    store: Store, before: Earlier, full: Suite, chosen: Suite, registry: Registry, held: Mapping[str, str]
) -> Standing:
    """What stands beside a run of `chosen`, a part of `full`, of what `store` had planned `before`.

    held   what the datasets of `chosen` hold
    """
    now = set(pairs_of(chosen))
    file = {c.name for c in full.candidates}
    named = tuple(c.name for c in chosen.candidates if c.name not in file)
    known = store.get("suite") or {}
    alone = Standing(chosen, named=named)
    if (known.get("seed"), known.get("ruleset", "tuned")) != (chosen.seed, chosen.ruleset):
        return alone
    seeds = known.get("seeds") or 1
    works = {w.name for w in full.workloads}
    before_named = {str(name) for name in store.get("named") or ()}
    others = [
        (workload, candidate)
        for workload, candidate in before.finished
        if (workload, candidate) not in now and workload in works and candidate in file | before_named
    ]
    if not others:
        return alone
    given, gone = _given({candidate for _, candidate in others} - file, known, registry)
    kept = [pair for pair in others if pair[1] in gone]
    others = [pair for pair in others if pair[1] not in gone]
    try:
        wider = _suite(full, chosen, others, seeds, registry, given)
    except OptbenchError:  # a candidate by name whose plugin is gone
        others = [pair for pair in others if pair[1] in file]
        wider = _suite(full, chosen, others, seeds, registry, given)
    stale = _stale(known, before, others, wider, registry, {**contents(wider, registry), **held})
    if kept:
        there = full.limited(registry, workloads=list({workload for workload, _ in kept}), ruleset=chosen.ruleset)
        stale |= _overtaken(before, kept, there, registry, {**contents(there, registry), **held})
    pairs = [pair for pair in others if pair not in stale]
    kept = [pair for pair in kept if pair not in stale]
    left: dict[str, list[Pair]] = {}
    for pair, why in stale.items():
        left.setdefault(why, []).append(pair)
    suite = chosen
    if pairs or kept:
        suite = _suite(full, chosen, [*pairs, *((w, "") for w, _ in kept)], seeds, registry, given)
    absent = tuple(gone[name] for name in dict.fromkeys(candidate for _, candidate in kept))
    named = (*(c.name for c in suite.candidates if c.name not in file), *(str(c["name"]) for c in absent))
    notes = tuple(_as_handed_in(candidate, store.get("guests") or []) for candidate in absent)
    return Standing(suite, frozenset([*pairs, *kept]), left, named, absent, notes)


def not_at_hand(folder: Path, names: Collection[str]) -> str:
    """What to do about the first of these candidates that `folder` holds and that was handed in; empty for none."""
    if not (folder / STORE).is_file():
        return ""
    with Store(folder / STORE, readonly=True) as store:
        stored = {c["name"]: c for c in (store.get("suite") or {}).get("candidates") or ()}
        guests = store.get("guests") or []
    for name in names:
        of = _of_guests(stored.get(name, {}), guests)
        if of:
            whole = ", ".join(guest["name"] for guest in of)
            return (
                f"candidate {name!r} was handed in ({whole}): its finished trials stay in {folder} as they are, and to "
                f"run more of it its class is needed: {_ways(of[0])}"
            )
    return ""


def _as_handed_in(candidate: Mapping[str, Any], guests: Iterable[Mapping[str, Any]]) -> str:
    """What is to be said of a candidate that stands though it cannot be made."""
    of = _of_guests(candidate, guests)
    if not of:
        return f"note: {candidate['name']} stands as it was run: what it is is not installed here"
    place = Path(of[0]["place"]) if of[0]["place"] else None
    why = f"{place.name} has changed since" if place is not None and place.is_file() else "which is not at hand now"
    whole = ", ".join(guest["name"] for guest in of)
    return f"note: {candidate['name']} stands as it was handed in ({whole}), {why}; to run it: {_ways(of[0])}"


def _of_guests(candidate: Mapping[str, Any], guests: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the components that a stored candidate has."""
    text = canonical(candidate)
    return [guest for guest in guests if canonical(guest["name"]) in text]


def _ways(guest: Mapping[str, Any]) -> str:
    """How a component is given."""
    name = guest["name"].rpartition(":")[2]
    file = f"./{Path(guest['place']).name}" if guest["place"] else "./FILE.py"
    return f"--candidate {file}:{name}, or candidates=[{name}] in Python"


def pairs_of(suite: Suite) -> list[Pair]:
    """(workload, candidate) of all that a suite runs, held-out variants included."""
    return [
        (at.name, candidate.name)
        for workload, candidate in suite.pairs()
        for at in (workload, *suite.variants(workload))
    ]


def _suite(
    full: Suite, chosen: Suite, pairs: list[Pair], seeds: int, registry: Registry, given: Mapping[str, Candidate]
) -> Suite:
    """`chosen` with these pairs' candidates and workloads, in the order of the suite's file, those by name behind.

    pairs   "" stands for a candidate that cannot be made, of which only the workload is wanted
    given   candidates that no name of a suite's or of an optimizer's defines
    """
    asked = {c.name: c for c in chosen.candidates}
    own = {c.name for c in full.candidates}
    defined = {**given, **{name: c for name, c in asked.items() if name not in own}}
    candidates = {*asked, *(candidate for _, candidate in pairs if candidate)}
    works = {*(w.name for w in chosen.workloads), *(workload for workload, _ in pairs)}
    order = [c.name for c in full.candidates if c.name in candidates]
    order += [name for name in dict.fromkeys([*asked, *(c for _, c in pairs if c)]) if name not in order]
    return full.limited(
        registry,
        candidates=[defined.get(name, name) for name in order],
        workloads=[w.name for w in full.workloads if w.name in works],
        seeds=max(chosen.seeds, seeds),
        trials=chosen.tuning.trials,
        ruleset=chosen.ruleset,
        focus=chosen.focus,
    )


def _given(
    names: Collection[str], known: Mapping[str, Any], registry: Registry
) -> tuple[dict[str, Candidate], dict[str, Mapping[str, Any]]]:
    """Candidates that were handed in, as the store's suite has them: those that are at hand, and those that are not."""
    from pydantic import ValidationError

    stored = {c["name"]: c for c in known.get("candidates") or ()}
    found: dict[str, Candidate] = {}
    gone: dict[str, Mapping[str, Any]] = {}
    for name in names:
        if name in registry.components["optimizers"] or registry.resolves(name) or name not in stored:
            continue
        try:
            found[name] = Candidate.model_validate(stored[name], context={"registry": registry})
        except ValidationError:
            gone[name] = stored[name]
    return found, gone


def _stale(
    known: Mapping[str, Any],
    before: Earlier,
    pairs: list[Pair],
    suite: Suite,
    registry: Registry,
    held: Mapping[str, str],
) -> dict[Pair, str]:
    """Why these pairs' trials are no results of the suite as it is; those that are, are not named."""
    then = {
        kind: {item["name"]: item for item in known.get(kind) or () if "name" in item}
        for kind in ("workloads", "candidates")
    }
    definitions = {c.name: c.model_dump(mode="json") for c in suite.candidates}
    found: dict[Pair, str] = {}
    for workload, candidate, trial in first_trials(suite, registry, held):
        if (workload, candidate) not in pairs:
            continue
        old = before.trials.get((workload, candidate))
        why = changes(old, trial) if old is not None else "nothing of it is known"
        if not why and old is not None and old.workload.get("target") != trial.workload.get("target"):
            why = f"the target of {workload} is another now"
        if not why and _unlike(then["candidates"].get(candidate, {}), definitions[candidate]):
            why = f"{candidate} is defined differently now"
        if why:
            found[workload, candidate] = why
    reached = {*found, *((w, c) for w, c, _ in first_trials(suite, registry, held))}
    found |= {pair: "the suite asks for them no more" for pair in pairs if pair not in reached}
    return found


def _overtaken(
    before: Earlier, pairs: list[Pair], suite: Suite, registry: Registry, held: Mapping[str, str]
) -> dict[Pair, str]:
    """Why trials whose candidates cannot be made are no results of the suite as it is: by what they share with others.

    That is all but the candidate itself: the workload, its data, what trains.
    """
    now: dict[str, Trial] = {}
    for workload, _, trial in first_trials(suite, registry, held):
        now.setdefault(workload, trial)
    found: dict[Pair, str] = {}
    for pair in pairs:
        old, new = before.trials.get(pair), now.get(pair[0])
        if old is None or new is None:
            found[pair] = "nothing of it is known" if old is None else "the suite asks for them no more"
            continue
        # a candidate may have a batch size of its own
        subjects = [canonical({**trial.subject, "batch_size": None}) for trial in (old, new)]
        unlike = OLD if new.sources and not old.sources else next(iter(changed_sources(old, new)), "")
        if not unlike and subjects[0] != subjects[1]:
            unlike = "their workload has other settings"
        if not unlike and old.workload.get("target") != new.workload.get("target"):
            unlike = f"the target of {pair[0]} is another now"
        if unlike:
            found[pair] = unlike
    return found


def _unlike(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a definition changed; a field that only one knows came with another version of optbench."""
    return any(then[name] != now[name] for name in then if name in now and name not in WORDS)


def _told(pairs: list[Pair]) -> str:
    """adam on bowl and valley; sgd on bowl."""
    works: dict[str, list[str]] = {}
    for workload, candidate in pairs:
        works.setdefault(candidate, []).append(workload)
    return "; ".join(f"{candidate} on {', '.join(names)}" for candidate, names in works.items())
