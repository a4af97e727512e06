"""What stays in a folder's plan beside what a run asks for: the other parts of its suite, that it holds from before.

A run of some candidates or workloads replaces what was planned for these, and for nothing else. Another candidate on
a workload stands for as long as a run of the whole suite would take its trials: it is still in the suite's file (or was
named beside it), it is defined as it was, and so are its code and data. What does not stand leaves the plan, with the
reason; its runs stay in the store, by their keys.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import Registry
from optbench.running.contents import contents
from optbench.running.resuming import Earlier, changes
from optbench.store.store import Store
from optbench.suite import Candidate, Suite
from optbench.trials.trial import WORDS
from optbench.tuning import first_trials

Pair = tuple[str, str]


@dataclass(frozen=True)
class Standing:
    """What of an earlier plan stands beside a run.

    suite   the run's suite, with what stands
    pairs   (workload, candidate) that stand
    left    why others do not: {reason: pairs}
    named   candidates of `suite` that are in no suite's file
    """

    suite: Suite
    pairs: frozenset[Pair] = frozenset()
    left: Mapping[str, list[Pair]] = field(default_factory=dict)
    named: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """For the user: what left, and why."""
        return [
            f"warning: {_told(pairs)}: left out of the tables, since {why}; run them again to have them there"
            for why, pairs in self.left.items()
        ]


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
    lost = [pair for pair in others if pair[1] in gone]
    others = [pair for pair in others if pair[1] not in gone]
    try:
        wider = _suite(full, chosen, others, seeds, registry, given)
    except OptbenchError:  # a candidate by name whose plugin is gone
        others = [pair for pair in others if pair[1] in file]
        wider = _suite(full, chosen, others, seeds, registry, given)
    stale = _stale(known, before, others, wider, registry, {**contents(wider, registry), **held})
    pairs = [pair for pair in others if pair not in stale]
    left: dict[str, list[Pair]] = {}
    for pair, why in {**stale, **{pair: gone[pair[1]] for pair in lost}}.items():
        left.setdefault(why, []).append(pair)
    suite = _suite(full, chosen, pairs, seeds, registry, given) if pairs else chosen
    named = tuple(c.name for c in suite.candidates if c.name not in file)
    return Standing(suite, frozenset(pairs), left, named)


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

    given   candidates that no name of a suite's or of an optimizer's defines
    """
    asked = {c.name: c for c in chosen.candidates}
    own = {c.name for c in full.candidates}
    defined = {**given, **{name: c for name, c in asked.items() if name not in own}}
    candidates = {*asked, *(candidate for _, candidate in pairs)}
    works = {*(w.name for w in chosen.workloads), *(workload for workload, _ in pairs)}
    order = [c.name for c in full.candidates if c.name in candidates]
    order += [name for name in dict.fromkeys([*asked, *(c for _, c in pairs)]) if name not in order]
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
) -> tuple[dict[str, Candidate], dict[str, str]]:
    """(candidates that were handed in, as the store's suite has them, why others cannot be made again)."""
    from pydantic import ValidationError

    stored = {c["name"]: c for c in known.get("candidates") or ()}
    found: dict[str, Candidate] = {}
    gone: dict[str, str] = {}
    for name in names:
        if name in registry.components["optimizers"] or registry.resolves(name) or name not in stored:
            continue
        try:
            found[name] = Candidate.model_validate(stored[name], context={"registry": registry})
        except ValidationError:
            gone[name] = f"what {name} was was handed in then, and is neither given now nor in its file as it was"
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


def _unlike(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a definition changed; a field that only one knows came with another version of optbench."""
    return any(then[name] != now[name] for name in then if name in now and name not in WORDS)


def _told(pairs: list[Pair]) -> str:
    """adam on bowl and valley; sgd on bowl."""
    works: dict[str, list[str]] = {}
    for workload, candidate in pairs:
        works.setdefault(candidate, []).append(workload)
    return "; ".join(f"{candidate} on {', '.join(names)}" for candidate, names in works.items())
