"""Where stores that are to be merged contradict each other: another result of a trial, or another selection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optbench.store.runs import Origin
from optbench.store.store import Store
from optbench.trials.bits import Difference, difference
from optbench.trials.trial import Assignment

#: (workload, candidate, study)
Place = tuple[str, str, int]
LISTED = 8


@dataclass
class Conflict:
    """A study that two sources tell differently. `what` is the first trial, or the selection, and how it differs."""

    place: Place
    sources: tuple[str, str]
    what: str
    environments: tuple[Mapping[str, Any], Mapping[str, Any]]

    def __str__(self) -> str:
        workload, candidate, study = self.place
        where = f"{candidate} on {workload}" + (f", study {study}" if study else "")
        differing = [
            name
            for name in ("processor", "machine", "blas", "python", "packages", "code", "plugins")
            if self.environments[0].get(name) != self.environments[1].get(name)
        ]
        why = f" (environments differ in {', '.join(differing)})" if differing else " (of one environment)"
        return f"{where}: {self.what} in {self.sources[0]} and {self.sources[1]}{why}"


class Plan:
    """What each store says of each study, and where they contradict each other."""

    def __init__(self, stores: Mapping[str, Store]):
        self.assignments: dict[str, dict[Place, list[Assignment]]] = {}
        self.selected = {name: store.selected() for name, store in stores.items()}
        self.thinned = {name: bool(store.get("thinned")) for name, store in stores.items()}
        for name, store in stores.items():
            studies = self.assignments.setdefault(name, {})
            for a in store.assignments():
                studies.setdefault((a.workload, a.candidate, a.study), []).append(a)
        self.pairs = {place[:2] for studies in self.assignments.values() for place in studies}
        self.conflicts = list(self._conflicts(stores).values())
        self.places = {c.place for c in self.conflicts}

    def _conflicts(self, stores: Mapping[str, Store]) -> dict[Place, Conflict]:
        found: dict[Place, Conflict] = {}
        first: dict[str, tuple[str, Place]] = {}  # the store that has a trial first, and what for
        compared: dict[tuple[str, str, str], Difference | None] = {}
        for name, studies in self.assignments.items():
            for place, assignments in studies.items():
                for other in self.assignments:
                    if other == name:
                        break
                    keys = [self.selected[n].get(place) for n in (other, name)]
                    if None not in keys and keys[0] != keys[1] and place not in found:
                        where = self._environments(stores, (other, keys[0]), (name, keys[1]))
                        found[place] = Conflict(place, (other, name), "another setting was selected", where)
                for a in assignments:
                    key = a.trial.key
                    other = first.setdefault(key, (name, place))[0]
                    if other == name or place in found:
                        continue
                    if (key, other, name) not in compared:
                        compared[key, other, name] = self._difference(stores, key, other, name)
                    differs = compared[key, other, name]
                    if differs is not None:
                        where = self._environments(stores, (other, key), (name, key))
                        what = f"trial {a.phase} {a.number}, seed {a.trial.seed} ({key[:8]}) has {differs}"
                        found[place] = Conflict(place, (other, name), what, where)
        return found

    def _difference(self, stores: Mapping[str, Store], key: str, one: str, other: str) -> Difference | None:
        runs = stores[one].run(key), stores[other].run(key)
        if runs[0] is None or runs[1] is None:
            return None
        return difference(runs[0], runs[1], self.thinned[one] or self.thinned[other])

    @staticmethod
    def _environments(
        stores: Mapping[str, Store], one: tuple[str, str | None], other: tuple[str, str | None]
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        found = [stores[name].origin(key or "") or Origin({}) for name, key in (one, other)]
        return found[0].environment, found[1].environment


def explained(conflicts: Sequence[Conflict]) -> str:
    """Why a merge is refused, and what can be done."""
    lines = [f"  {conflict}" for conflict in conflicts[:LISTED]]
    if len(conflicts) > LISTED:
        lines.append(f"  and {len(conflicts) - LISTED} more studies")
    return "\n".join(
        [
            f"the stores conflict in {len(conflicts)} stud{'y' if len(conflicts) == 1 else 'ies'}:",
            *lines,
            "another processor, BLAS or version may give other last bits, and other selections: with --prefer STORE "
            "the studies that conflict are taken as a whole from that store",
        ]
    )
