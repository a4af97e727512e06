"""Stored trials, run again: do they give the same bits here, and if not, what is another here?

The same trial on the same machine gives the same bits. On another processor, with another BLAS or NumPy, sums are
taken in another order, and the last bits may differ; training then makes more of it. So a difference is told together
with its size and with what differs between the environment that the trial was made in and this one.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError
from optbench.registry.guests import recall
from optbench.registry.registry import Registry, registry
from optbench.results.archives import opened
from optbench.running.engine import engine as engine_named
from optbench.running.process import Crashed
from optbench.running.resuming import origin as source_of
from optbench.store.environment import differences as between
from optbench.store.environment import environment
from optbench.store.store import Store
from optbench.training.assembly import Parts, data_of
from optbench.trials.bits import difference
from optbench.trials.content import LENGTH
from optbench.trials.seeds import reported
from optbench.trials.trial import Assignment, Run, Trial

if TYPE_CHECKING:
    import pandas as pd

#: outcomes that the same bits lead to again; a time-out or a death may be the machine's
REPEATABLE = ("done", "stopped", "diverged", "error")
#: of an environment: what the arithmetic may depend on, the likeliest first
SUSPECTS = (
    *("blas", "packages.numpy", "processor", "packages.optbench", "code", "plugins", "python", "packages.scipy"),
    *("commit", "system"),
)


#: what stands in place of a difference where a component is not here
UNRUN = "not run"


@dataclass(frozen=True)
class Reproduction:
    """What running again gave.

    trials        a row a trial: workload, candidate, phase, number, seed, key, same, first (difference), relative (the
                  largest), end (how far the ends are apart, see `apart`), note
    environments  what is another here, of the trials that differ: field, there, here, trials
    changed       whose source or data are others here, of the trials that differ: "lion: its source"
    """

    folder: str
    trials: "pd.DataFrame"
    environments: "pd.DataFrame"
    changed: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether all of them gave the same bits."""
        return bool(self.trials["same"].all())

    @property
    def verdict(self) -> str:
        """The result in a sentence."""
        total, same = len(self.trials), int(self.trials["same"].sum())
        if self.same:
            return f"the same bits: {total} of {total} trials"
        unrun = int((self.trials["first"] == UNRUN).sum())
        if total == same + unrun:
            return f"the same bits: {same} of {total} trials; {unrun} could not be run here"
        largest = self.trials["relative"].max()
        size = "" if not np.isfinite(largest) or not largest else f" (relative difference up to {largest:.1e})"
        told = f"other bits: {total - same} of {total} trials{size}"
        if self.changed:
            return f"{told}; what changed since they were made: {'; '.join(self.changed)}"
        if len(self.environments):
            fields = ", ".join(self.environments["field"].head(4))
            return f"{told}; what differs from where they were made: {fields}"
        return (
            f"{told}, in the same environment: a component draws chance or keeps state that is not its trial's; "
            "optbench check NAME looks for that"
        )


def reproduce(
    folder: str | Path,
    trials: int = 10,
    seed: int = 0,
    engine: str = "local",
    components: Sequence[Any] = (),
    candidates: Collection[str] | None = None,
) -> Reproduction:
    """Run a sample of the trials in a folder or an archive again, and compare bit by bit.

    trials   how many, spread over workloads and candidates; all of them where there are fewer
    seed     chooses which
    components   those that were handed in to the run: classes, or files such as "./mine.py:Lion"; files that are where
             they were, and as they were, need not be given
    candidates   of these only; None: of all
    Raises `OptbenchError` where there is none, or none whose components are installed.
    """
    import pandas as pd

    plugins = registry()
    arguments.path("folder", folder, "a run's folder, an archive or 'reference'")
    trials, seed = arguments.whole("trials", trials, 1), arguments.seed("seed", seed)
    arguments.text("engine", engine, "'serial' or 'local:N'")
    handed_in = arguments.listed("components", components, "a list of classes, or of files such as './mine.py:Lion'")
    if candidates is not None:
        candidates = arguments.texts("candidates", candidates, "a list of names of candidates")
    with opened(folder) as path, Store(path, readonly=True) as store:
        records = store.get("guests") or []
        handed = {(record["kind"], record["name"]) for record in records}
        recall(plugins, records, handed_in)
        chosen = sample(store, trials, seed, candidates)
        if not chosen:
            raise OptbenchError(f"{folder}: there is no finished trial that could be run again")
        here = environment(plugins)
        thinned = bool(store.get("thinned"))
        rows, differing = [], []
        changed: dict[str, None] = {}
        for a, new in again([a for a in chosen if not absent(a.trial, plugins)], engine):
            stored, origin = store.run(a.trial.key), store.origin(a.trial.key)
            assert stored is not None
            assert origin is not None
            if not reported(a.trial.seed):  # older trials of tuning read the test split, at their end
                stored = replace(stored, test_loss=math.nan, test_metric=math.nan)
            found = difference(stored, new, thinned)
            others = moved(a.trial, plugins)
            told = [versions(a.trial, plugins), *(f"{what} changed" for what in others)]
            note = "; ".join(filter(None, told))
            relative, end = (0.0, 0.0) if found is None else (found.relative, apart(stored, new))
            rows.append((*place(a), found is None, "" if found is None else str(found), relative, end, note))
            if found is not None:
                differing.append(origin.environment)
                changed |= dict.fromkeys(others)
        for a in chosen:
            if missing := absent(a.trial, plugins, handed):
                rows.append((*place(a), False, UNRUN, np.nan, np.nan, "; ".join(missing)))
    columns = ["workload", "candidate", "phase", "number", "seed", "key", "same", "first", "relative", "end", "note"]
    return Reproduction(str(folder), pd.DataFrame(rows, columns=columns), differences(differing, here), tuple(changed))


def place(a: Assignment) -> tuple[Any, ...]:
    return a.workload, a.candidate, a.phase, a.number, a.trial.seed, a.trial.key


def apart(one: Run, other: Run) -> float:
    """How far two runs of a trial end apart: the largest difference of their losses, as a share of the loss that
    training began with, and of their metrics, as a share of these; infinite where one had another outcome.

    Compared are the test results and the last measurement that both have. The last bits of a sum grow in training; so
    curves of two machines come apart, while both arrive at about the same.
    """
    if one.outcome != other.outcome:
        return math.inf
    steps = {m.step: m for m in other.measurements}
    both = [(m, steps[m.step]) for m in one.measurements if m.step in steps]
    losses, metrics = [(one.test_loss, other.test_loss)], [(one.test_metric, other.test_metric)]
    start = 0.0
    if both:
        start = abs(both[0][0].train_loss)
        first, second = both[-1]
        losses += [(first.train_loss, second.train_loss), (first.validation_loss, second.validation_loss)]
        metrics += [(first.train_metric, second.train_metric), (first.validation_metric, second.validation_metric)]
    scaled = [(a, b, start) for a, b in losses] + [(a, b, 0.0) for a, b in metrics]
    known = [(a, b, max(abs(a), abs(b), least)) for a, b, least in scaled if math.isfinite(a) and math.isfinite(b)]
    return max((abs(a - b) / scale for a, b, scale in known if scale > 0), default=0.0)


def sample(store: Store, count: int, seed: int, candidates: Collection[str] | None = None) -> list[Assignment]:
    """Trials by chance, one of each workload and candidate before a second of any; of some candidates, or of all."""
    outcomes = {key: outcome for outcome in REPEATABLE for key in store.keys_of(outcome)}
    groups: dict[tuple[str, str], list[Assignment]] = {}
    seen: set[str] = set()
    for a in store.assignments():
        if candidates is not None and a.candidate not in candidates:
            continue
        if a.trial.key in outcomes and a.trial.key not in seen:
            seen.add(a.trial.key)
            groups.setdefault((a.workload, a.candidate), []).append(a)
    rng = np.random.default_rng(seed)
    for group in groups.values():
        rng.shuffle(group)
    order = list(groups)
    chosen: list[Assignment] = []
    while len(chosen) < count and any(groups.values()):
        for i in rng.permutation(len(order)):
            if groups[order[i]] and len(chosen) < count:
                chosen.append(groups[order[i]].pop())
    return chosen


def again(assignments: list[Assignment], engine: str) -> Iterator[tuple[Assignment, Run]]:
    """Each with the run that it gives now; one by one, since a process that dies takes only its own trial along."""
    if not assignments:
        return
    with engine_named(engine) as pool:
        waiting: list[tuple[Assignment, Future[list[Run]]]] = []
        for a in assignments:
            # without its fingerprints: with whatever code and data there are now
            waiting.append((a, pool.submit([replace(a.trial, sources={})], None)))
        for a, future in waiting:
            try:
                (run,) = future.result()
            except Crashed as error:
                run = Run("crashed", message=str(error))
            yield a, run


def absent(trial: Trial, plugins: Registry, handed: Collection[tuple[str, str]] = ()) -> list[str]:
    """Components of a trial that are not here, each with who provided it and what to do."""
    found = []
    for component, provider in trial.providers.items():
        try:
            plugins.used(component)
        except (OptbenchError, KeyError):
            kind, _, name = component.partition(":")
            if (f"{kind}s", name) in handed:
                found.append(f"not given: {kind} {name} was handed in: give its file, --component ./FILE.py:NAME")
            else:
                found.append(f"not installed: {component} ({provider})")
    return found


def versions(trial: Trial, plugins: Registry) -> str:
    """Which of a trial's components come from another version here."""
    found = []
    for component, provider in trial.providers.items():
        now = plugins.used(component).provider
        if now != provider:
            found.append(f"{component} is of {now} here, was of {provider}")
    return "; ".join(found)


def moved(trial: Trial, plugins: Registry) -> list[str]:
    """Which code and data of a trial are others now, in words; none where nobody recorded them."""
    found = []
    for label, known in trial.sources.items():
        try:
            here = content_now(trial, plugins) if label.startswith("data:") else plugins.code(label)
        except OptbenchError:
            here = ""
        if here != known:
            found.append(source_of(label))
    return found


def content_now(trial: Trial, plugins: Registry) -> str:
    """The first digits of the digest of what the trial's dataset gives now."""
    data = data_of(trial.workload, Parts(trial, plugins).inputs, plugins)
    return data.provenance["sha256_arrays"][:LENGTH]


def differences(there: list[Mapping[str, Any]], here: Mapping[str, Any]) -> "pd.DataFrame":
    """What differs between the environments that trials were made in and this one; likely causes first."""
    import pandas as pd

    counts: dict[tuple[str, str, str], int] = {}
    for made_in in there:
        rows = between(made_in, here, SUSPECTS) if made_in else [("environment", "not recorded", "")]
        for row in rows:
            counts[row] = counts.get(row, 0) + 1
    told = sorted(((*row, n) for row, n in counts.items()), key=lambda r: (*SUSPECTS, "environment").index(r[0]))
    return pd.DataFrame(told, columns=["field", "there", "here", "trials"])
