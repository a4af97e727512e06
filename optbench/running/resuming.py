"""What an earlier run of a folder leaves: which of its trials are kept, which are run again, and why.

A trial is kept where its key is planned again: same settings, same code, same data. A run that failed for a limit, for
its machine or for a missing package is no result of the trial: it is run again where that is another now.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optbench.contract.errors import OptbenchError, near
from optbench.registry.registry import Registry
from optbench.store.environment import DECISIVE, differences
from optbench.store.runs import Failure, Limits
from optbench.store.store import Store
from optbench.suite import Suite
from optbench.training.memory import words
from optbench.trials.trial import Trial, canonical
from optbench.tuning import first_trials

#: what `--retry` takes
RETRY = ("failed", "timeout", "crashed", "error")
OLD = "their keys are of an older kind, which knew neither code nor data"


@dataclass(frozen=True)
class Earlier:
    """What the last plan of a store had finished.

    count      trials that have a run, of whatever plan
    trials     a trial of each (workload, candidate) of the last plan
    finished   the keys of those that have a run, by (workload, candidate)
    failures   see `Store.failures`
    """

    count: int = 0
    trials: Mapping[tuple[str, str], Trial] = field(default_factory=dict)
    finished: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    failures: Mapping[str, Failure] = field(default_factory=dict)


def earlier(store: Store) -> Earlier:
    """What is in a store before its plan is made anew."""
    return Earlier(store.finished_count(), store.first_trials(), store.finished_of(), store.failures())


@dataclass(frozen=True)
class Retry:
    """Which failed runs are run again.

    asked     an outcome, or "failed" for all of them; None: only where what ended them is another now
    limits    what a trial may take now
    machine   where, as `environment` names it; empty for a cluster, which has many
    """

    limits: Limits = field(default_factory=Limits)
    machine: str = ""
    asked: str | None = None

    def __post_init__(self) -> None:
        if self.asked is not None and self.asked not in RETRY:
            raise OptbenchError(f"--retry {self.asked}: expected one of {', '.join(RETRY)}; {near(self.asked, RETRY)}")

    def reason(self, failure: Failure) -> str:
        """Why a failed run is run again; empty where it is kept."""
        if self.asked in ("failed", failure.outcome):
            return f"--retry {self.asked}"
        if "ModuleNotFoundError" in failure.message or "ImportError" in failure.message:
            return "a package was missing"
        memory = "memory limit" in failure.message or "MemoryError" in failure.message
        if failure.outcome == "error" and not memory:
            return ""
        then = failure.limits
        if then is None:
            return "nobody recorded the limits that they failed under"
        if self.machine and failure.machine != self.machine:
            return "they failed on another machine"
        if failure.outcome == "timeout":
            more = then.timeout is not None and (self.limits.timeout is None or self.limits.timeout > then.timeout)
            now = "none" if self.limits.timeout is None else f"{self.limits.timeout:g} s"
            return f"the time limit is {now}, was {then.timeout:g} s" if more else ""
        if then.outside:
            return "their processes were killed from outside"
        more = bool(then.memory) and (not self.limits.memory or self.limits.memory > then.memory)
        now = words(self.limits.memory) if self.limits.memory else "none"
        return f"the memory limit is {now}, was {words(then.memory)}" if more else ""


def origin(label: str) -> str:
    """What a fingerprint is of, in words: "lion: its source"."""
    kind, _, name = label.partition(":")
    return {"engine": "optbench: what trains", "data": f"{name}: its data"}.get(kind, f"{name}: its source")


def changes(before: Trial, now: Trial) -> str:
    """Why trials like `before` are no results of trials like `now`; empty where they may be."""
    if not before.sources and now.sources:
        return OLD
    for what in changed_sources(before, now):
        return what
    for label, provider in now.providers.items():
        if before.providers.get(label, provider) != provider:
            return f"{label.partition(':')[2]}: {before.providers[label]} is {provider} now"
    same = canonical(before.subject) == canonical(now.subject)
    return "" if same else "their workload has other settings"


def changed_sources(before: Trial, now: Trial) -> list[str]:
    """The code and data that are others in two trials, of those that both know: "lion: its source changed"."""
    both = sorted(before.sources.keys() & now.sources.keys(), key=lambda label: (label != "engine", label))
    return [f"{origin(label)} changed" for label in both if before.sources[label] != now.sources[label]]


def summary(
    before: Earlier, suite: Suite, registry: Registry, contents: Mapping[str, str], retry: Retry, folder: object
) -> str:
    """One line: how many trials are kept, how many run again and why. Empty where there were none."""
    if not before.count:
        return ""
    stale: dict[str, set[str]] = {}
    for workload, candidate, trial in first_trials(suite, registry, contents):
        old = before.trials.get((workload, candidate))
        why = changes(old, trial) if old is not None else ""
        if why:
            stale.setdefault(why, set()).update(before.finished.get((workload, candidate), ()))
    lost = frozenset().union(*stale.values())
    for key, failure in before.failures.items():
        if key not in lost and (why := retry.reason(failure)):
            stale.setdefault(why, set()).add(key)
    again = frozenset().union(*stale.values())
    kept = before.count - len(again)
    line = f"resuming {folder}: {kept} finished trials are kept and not run again"
    if not again:
        return line
    reasons = "; ".join(f"{why} ({len(keys)})" if len(stale) > 1 else why for why, keys in stale.items() if keys)
    return f"{line}, {len(again)} are run again: {reasons}"


def environment_note(store: Store, here: Mapping[str, Any]) -> str:
    """One line on what differs between where the kept runs were made and here; empty where nothing does."""
    found: Counter[str] = Counter()
    for there, count in store.environments():
        unlike = differences(there, here, DECISIVE)
        told = ", ".join(f"{name} {old or 'unknown'}, here {new}" for name, old, new in unlike)
        if told:
            found[told] += count
    return "; ".join(f"{count} trials were made with {told}" for told, count in found.items())


def resume(
    store: Store,
    before: Earlier,
    suite: Suite,
    registry: Registry,
    contents: Mapping[str, str],
    retry: Retry,
    here: Mapping[str, Any],
    strict: bool,
    say: Callable[[str], None],
) -> Callable[[Iterable[str]], set[str]]:
    """Say what is kept, before the store's plan is made anew.

    before   what the last plan had finished
    here     the environment of this run
    strict   OptbenchError where kept runs were made in another
    Returns a function that removes, of finished keys, the runs that are to be made again, and says which these are;
    each once, however often it is asked.
    """
    told = summary(before, suite, registry, contents, retry, store.path.parent)
    if told:
        say(told)
    told = environment_note(store, here)
    if told and strict:
        raise OptbenchError(f"--strict-environment: {told}")
    if told:
        say(f"warning: {told}")

    failures = dict(before.failures)

    def retried(keys: Iterable[str]) -> set[str]:
        chosen = {key for key in keys if key in failures and retry.reason(failures.pop(key))}
        if chosen:
            store.forget(chosen)
        return chosen

    return retried
