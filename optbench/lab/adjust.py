"""A trial's settings by path, and the trial with some of them changed: what `--set` of `optbench train` does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from optbench.contract.errors import OptbenchError, near
from optbench.contract.hyperparameters import walk
from optbench.trials.trial import Trial, bare

#: settings of the workload that may be set like a component's
BUDGET = ("epochs", "steps", "batch_size", "evaluate_every")


def settings(trial: Trial) -> dict[str, Any]:
    """Everything that may be set, by full path: `optimizer.lr`, `regularizers.l2.strength`, `epochs`."""
    return {path: value for path, value in _paths(trial) if path.rpartition(".")[2] != "name"}


def _paths(trial: Trial) -> Iterator[tuple[str, Any]]:
    for kind, component in trial.components.items():
        if isinstance(component, Mapping):
            yield from walk(component, f"{kind}.")
        else:
            for item in component or ():
                yield from walk(item, f"{kind}.{item['name']}.")
    for name in BUDGET:
        # What has no dataset has neither examples nor epochs.
        if not (bare(trial.workload) and name in ("epochs", "batch_size")):
            yield name, trial.workload.get(name)


def full_path(path: str, known: Mapping[str, Any]) -> str:
    """The full path of what may be said shorter: `lr` is the optimizer's, `l2.strength` that regularizer's."""
    if path in known:
        return path
    if f"optimizer.{path}" in known:
        return f"optimizer.{path}"
    found = [name for name in known if name.endswith(f".{path}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise OptbenchError(f"--set {path}: which of {', '.join(sorted(found))}?")
    raise OptbenchError(f"--set {path}: there is no such setting; {near(path, [short(name) for name in known])}")


def short(path: str) -> str:
    """What a path may be called on the command line."""
    for prefix in ("optimizer.", "regularizers.", "normalizers."):
        path = path.removeprefix(prefix)
    return path


def changed(trial: Trial, changes: Mapping[str, Any]) -> Trial:
    """The trial with settings changed, each by its full or short path.

    Raises `OptbenchError` for an unknown path or an impossible budget. Values of components are checked
    where the components are made.
    """
    workload, components = plain(trial.workload), plain(trial.components)
    known = settings(trial)
    for given, value in changes.items():
        path = full_path(given, known)
        kind, dot, rest = path.partition(".")
        if not dot:
            last = path
            workload[last] = budget_value(last, value)
            # A budget is in epochs or in steps: the one that was set counts.
            if last in ("epochs", "steps"):
                workload["steps" if last == "epochs" else "epochs"] = None
            continue
        place = components[kind]
        if isinstance(place, list):  # by names, which may have dots themselves: "mine.py:Pull"
            place = next(item for item in place if rest.startswith(f"{item['name']}."))
            rest = rest.removeprefix(f"{place['name']}.")
        *parents, last = rest.split(".")
        for parent in parents:
            place = place[parent]
        place[last] = value
    return replace(trial, workload=workload, components=components)


def budget_value(name: str, value: Any) -> Any:
    """The value, if it makes sense for this setting of a workload."""
    if (name == "batch_size" and value == "full") or (name == "evaluate_every" and value is None):
        return value
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or value != value // 1 or not 1 <= value < float("inf"):
        other = {"batch_size": ' or "full"', "evaluate_every": " or null"}.get(name, "")
        raise OptbenchError(f"--set {name}: must be a whole number in [1, inf){other}, got {value!r}")
    return int(value)


def difference(before: Trial, after: Trial) -> dict[str, list[Any]]:
    """{path: [old, new]} of the settings, and the providers, code and data of components, that differ."""
    old, new = settings(before), settings(after)
    found = {path: [old.get(path), value] for path, value in new.items() if old.get(path) != value}
    for part, provider in after.providers.items():
        if before.providers.get(part) != provider:
            found[f"provider of {part}"] = [before.providers.get(part), provider]
    for part, source in after.sources.items():
        if before.sources.get(part, source) != source:
            found[f"source of {part}"] = [before.sources[part], source]
    return found


def plain(value: Any) -> Any:
    """Nested mappings and sequences as new dicts and lists."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value
