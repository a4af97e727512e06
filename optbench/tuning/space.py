"""The space that a candidate is searched in on one workload."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optbench.contract.hyperparameters import Hyper
from optbench.suite import Candidate, CandidateTuning, Tuning, Workload
from optbench.suite.paths import get, put
from optbench.trials.trial import Trial
from optbench.tuning.scales import from_unit, to_unit, values

#: Within this part of a range's ends a selected value is at the edge: a wider range may do better.
EDGE = 0.025


@dataclass(frozen=True)
class Space(Mapping[str, Hyper]):
    """Hyperparameters by path: "optimizer.lr", "optimizer.inner.lr", "regularizers.l2.strength", "batch_size".

    In the order of their priority, and of declaration where it is the same: methods spend most on the first.
    """

    hypers: Mapping[str, Hyper]

    def __getitem__(self, path: str) -> Hyper:
        return self.hypers[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.hypers)

    def __len__(self) -> int:
        return len(self.hypers)

    def at(self, point: Sequence[float]) -> dict[str, Any]:
        """The values at a point of the unit cube, by path."""
        return {p: from_unit(h, float(u)) for (p, h), u in zip(self.hypers.items(), point, strict=True)}


def space(candidate: Candidate, workload: Workload, tuning: Tuning | None = None) -> Space:
    """What is searched for this candidate on this workload.

    All of it, or the first so many by priority where the candidate, or else the suite's `tuning`, says so.
    """
    found: list[tuple[str, Hyper]] = []
    for field, table in _components(candidate):
        for path, entry in table["search"].items():
            found.append((f"{field}.{path}", _hyper(entry, get(table, path))))
    if isinstance(candidate.batch_size, dict) and not workload.bare:
        found.append(("batch_size", _hyper(candidate.batch_size, workload.batch_size)))
    # Sorting is stable: declaration decides among equals.
    found.sort(key=lambda item: item[1].priority)
    first = candidate.tuning.first or (None if tuning is None else tuning.first)
    return Space(dict(found[:first]))


def stored_space(
    candidate: Mapping[str, Any], workload: Mapping[str, Any], tuning: Mapping[str, Any]
) -> Space:
    """The same from a suite's tables as a store keeps them: complete, so that no plugin need be there to read them."""
    own = CandidateTuning.model_construct(**(candidate.get("tuning") or {}))
    return space(
        Candidate.model_construct(**{**candidate, "tuning": own}),
        Workload.model_construct(**workload),
        Tuning.model_construct(**tuning),
    )


def at_edge(space: Space, settings: Mapping[str, Any]) -> list[str]:
    """The paths whose values lie within 2.5 % of an end of their range, in the scale that it is searched in.

    `settings` are values by path, as `Space.at` gives them, or a trial's components. A choice has no edge.
    """
    paths = []
    for path, hyper in space.items():
        if hyper.scale == "choice":
            continue
        value = settings[path] if path in settings else _find(settings, path)
        # The unit interval gives the first and last whole number a part of its own.
        ended = hyper.scale == "integer" and value in (hyper.low, hyper.high) and values(hyper) > 2
        if ended or not EDGE <= to_unit(hyper, value) <= 1 - EDGE:
            paths.append(path)
    return paths


def values_of(space: Space, trial: Trial) -> dict[str, Any]:
    """What a trial has in a space, by path."""
    return {
        path: trial.workload["batch_size"] if path == "batch_size" else _find(trial.components, path) for path in space
    }


def chosen(candidate: Candidate, workload: Workload, values: Mapping[str, Any]) -> dict[str, Any]:
    """The components of a trial with these values by path: what is not searched keeps its setting."""
    components: dict[str, Any] = {}
    for field in ("optimizer", "schedule", "initializer"):
        table = getattr(candidate, field) or getattr(workload, field)
        components[field] = _filled(table, f"{field}.", values)
    for field in ("normalizers", "regularizers"):
        own = getattr(candidate, field)
        tables = getattr(workload, field) if own is None else own
        components[field] = [_filled(t, f"{field}.{t['name']}.", values) for t in tables]
    return components


def batch_size(candidate: Candidate, workload: Workload, values: Mapping[str, Any]) -> Any:
    """The batch size of a trial: searched, the candidate's, or the workload's."""
    if workload.bare or candidate.batch_size is None:
        return workload.batch_size
    if isinstance(candidate.batch_size, dict):
        return values.get("batch_size", workload.batch_size)
    return candidate.batch_size


def _components(candidate: Candidate) -> Iterator[tuple[str, dict[str, Any]]]:
    for field in ("optimizer", "schedule", "initializer"):
        table = getattr(candidate, field)
        if table is not None:
            yield field, table
    for field in ("normalizers", "regularizers"):
        for table in getattr(candidate, field) or ():
            yield f"{field}.{table['name']}", table


def _filled(table: Mapping[str, Any], prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    filled = {name: value for name, value in table.items() if name != "search"}
    for path, value in values.items():
        if path.startswith(prefix):
            filled = put(filled, path.removeprefix(prefix), value)
    return filled


def _find(components: Mapping[str, Any], path: str) -> Any:
    field, _, rest = path.partition(".")
    value = components[field]
    if isinstance(value, (list, tuple)):
        for table in value:
            if rest.startswith(table["name"] + "."):
                return get(table, rest.removeprefix(table["name"] + "."))
        raise KeyError(path)
    return get(value, rest) if rest else value


def _hyper(entry: Mapping[str, Any], default: Any) -> Hyper:
    return Hyper(
        default,
        entry.get("low"),
        entry.get("high"),
        entry["scale"],
        tuple(entry.get("choices", ())),
        priority=entry["priority"],
    )
