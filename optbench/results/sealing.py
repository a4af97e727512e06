"""Sealed variants of a run: they are drawn, and its candidates and the best others train there.

When all else is trained, each candidate that the run is about meets the variants that its fingerprint draws
(`optbench.suite.sealed`), and with it the baseline and the best few others: those that are ahead of it or level with
it on the bases. Everybody has the settings that each study selected on the base; of stored results these are taken as
they are stored, and trained here. Nothing is tuned on a variant.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import Registry
from optbench.running.contents import contents
from optbench.running.progress import Watcher
from optbench.running.runner import ActiveStudy, Runner
from optbench.statistics.tables import trial_frame
from optbench.statistics.verdict import verdict
from optbench.store.store import Store
from optbench.suite import Candidate, Suite, Workload
from optbench.suite.sealed import sealed_variants
from optbench.trials.seeds import final_seeds
from optbench.trials.trial import Trial
from optbench.tuning import Batch, data_sources, fingerprint, space
from optbench.tuning.making import Maker
from optbench.tuning.space import values_of

if TYPE_CHECKING:
    import pandas as pd

#: so many others train on the variants, besides the baseline
BEST = 3
#: words of those who are behind: what it leads over on the bases anyway
BEHIND = ("faster", "better")


@dataclass(frozen=True)
class Drawn:
    """about        the candidates that variants are drawn for, and their fingerprint
    variants     what was drawn
    held         what the variants' data hold, as `contents` says it
    """

    about: tuple[Candidate, ...]
    fingerprint: str
    variants: tuple[Workload, ...]
    held: Mapping[str, str] = field(default_factory=dict)


def about_of(suite: Suite) -> tuple[Candidate, ...]:
    """Whom a run is about: its focus; without one all but the baseline."""
    names = suite.focus or tuple(c.name for c in suite.candidates if c.name != suite.baseline)
    return tuple(map(suite.candidate, names))


def draw(suite: Suite, registry: Registry) -> Drawn:
    """The variants that a suite asks for by `sealed`, as many as can be drawn."""
    about = about_of(suite)
    bases = [w for w in suite.workloads if w.variant_of is None and any(c.runs_on(w) for c in about)]
    held: dict[str, str] = {}

    def able(workload: Workload) -> bool:
        try:
            found = contents(suite.model_copy(update={"workloads": (workload,)}), registry)
        except OptbenchError:
            return False
        held.update(found)
        return all(source.label in found for source in data_sources(workload))

    mark = fingerprint(about, registry)
    variants = sealed_variants(bases, about, mark, suite.sealed, registry, able) if about else []
    return Drawn(about, mark, tuple(variants), held)


def best_others(trials: "pd.DataFrame", suite: Mapping[str, Any], about: Sequence[str]) -> tuple[str, ...]:
    """The baseline, then the best few of those that are ahead of one of these candidates or level with it."""
    standing = verdict(trials, suite.get("baseline"), focus=about, margins=suite.get("equal"))
    question = next(iter(standing.questions), None)
    ahead = {
        c.against for name in about for c in (question.about(name) if question else ()) if c.word not in BEHIND
    }
    first = [] if standing.baseline in (None, *about) else [standing.baseline]
    others = [name for name in standing.candidates if name not in about and name not in first]
    found = [*first, *[name for name in others if name in ahead][:BEST]]
    return tuple(str(name) for name in (found or others[:1]))


def seal(
    store: Store,
    runner: Runner,
    registry: Registry,
    watcher: Watcher,
) -> None:
    """Draw the variants that the suite of a finished run asks for, say so in its store, and train on them."""
    suite = runner.suite
    drawn = draw(suite, registry)
    names = [c.name for c in drawn.about]
    stored = store.get("suite")
    others = best_others(trial_frame(store, "final"), stored, names) if drawn.variants else ()
    if not others:
        why = "nothing of its workloads can be varied" if drawn.about and not drawn.variants else "nobody to compare"
        watcher.say(f"warning: no sealed variants: {why}")
        return
    tables = {table["name"]: table for table in stored["candidates"]}
    known = {c.name: c for c in suite.candidates}
    taking: list[Candidate] = []
    for name in (*names, *others):
        try:
            taking.append(known.get(name) or _candidate(tables[name], registry))
        except OptbenchError as error:
            watcher.say(f"warning: {name} does not train on the sealed variants: {error}")
    there = [c.name for c in taking if c.name not in names]
    if not there:
        watcher.say("warning: no sealed variants: nobody to compare")
        return
    bases = tuple(w for w in suite.workloads if w.name in {v.base for v in drawn.variants})
    whole = suite.model_copy(
        update={"candidates": tuple(taking), "workloads": (*bases, *drawn.variants), "focus": (), "claims": ()}
    )
    _keep(store, drawn, names, there)
    held = {**(runner.contents or {}), **drawn.held}
    batches = list(_batches(store, whole, drawn, registry, held))
    count = sum(len(batch.assignments) for _, _, _, batch in batches)
    watcher.say(
        f"{len(drawn.variants)} sealed variants drawn from {', '.join(names)} ({drawn.fingerprint}), also for "
        f"{', '.join(there)}: {count} trials"
    )
    work: dict[tuple[str, str], float] = {}
    for *_, batch in batches:
        for a in batch.assignments:
            budget = a.trial.workload.get("steps") or a.trial.workload.get("epochs") or 0
            work[a.workload, a.candidate] = work.get((a.workload, a.candidate), 0.0) + budget
    watcher.more(count, work)
    more = Runner(whole, runner.engine, store, registry, watcher, runner.timeout, held, runner.retried)
    more.execute(_active(batches))


def _candidate(table: Mapping[str, Any], registry: Registry) -> Candidate:
    """A stored candidate, as it can be made here."""
    from pydantic import ValidationError

    try:
        return Candidate.model_validate(table, context={"registry": registry})
    except ValidationError as error:
        raise OptbenchError(f"it cannot be made here: {error.errors()[0]['msg']}") from None


def _keep(store: Store, drawn: Drawn, about: Sequence[str], others: Sequence[str]) -> None:
    """The variants are workloads of the store's suite from now on."""
    tables = [w.model_dump(mode="json") for w in drawn.variants]
    suite, now = store.get("suite"), store.get("now")
    with store.together():
        store.set("suite", {**suite, "workloads": [*suite["workloads"], *tables]})
        store.set("sealed", {"fingerprint": drawn.fingerprint, "candidates": list(about), "others": list(others)})
        if now:
            asked = {**now["suite"], "workloads": [*now["suite"]["workloads"], *tables]}
            pairs = [[w.name, c] for w in drawn.variants for c in (*about, *others)]
            store.set("now", {**now, "pairs": [*now["pairs"], *pairs], "suite": asked})


def _batches(
    store: Store, suite: Suite, drawn: Drawn, registry: Registry, held: Mapping[str, str]
) -> Iterator[tuple[str, str, int, Batch]]:
    """(base, candidate, study, its runs on all variants of that base)."""
    selected: dict[tuple[str, str, int], Trial] = {}
    for a in store.assignments():
        if a.phase == "final":
            selected.setdefault((a.workload, a.candidate, a.study), a.trial)
    for base, candidate in suite.pairs():
        searched = space(candidate, base, suite.tuning)
        variants = [v for v in drawn.variants if v.base == base.name]
        for (workload, name, study), trial in selected.items():
            if (workload, name) != (base.name, candidate.name):
                continue
            values = values_of(searched, trial)
            makers = [Maker(suite, v, candidate, study, registry, held) for v in variants]
            seeds = enumerate(final_seeds(suite.seeds))
            yield base.name, name, study, Batch(
                "final", tuple(m.final(i, seed, values) for i, seed in seeds for m in makers), None
            )


def _active(batches: Sequence[tuple[str, str, int, Batch]]) -> Iterator[ActiveStudy]:
    for workload, candidate, number, batch in batches:
        yield ActiveStudy(workload, candidate, number, (one for one in (batch,)))
