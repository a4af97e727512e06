"""What two candidates differ in, as steps from the one to the other, and the settings of the states between.

The rate comes first, then betas, decay and other hyperparameters, one by one, as far as both optimizers have them by
the same name; then schedule, initializer, normalizers, regularizers and batch size, each as a whole; last the
optimizer's code. What only one of two optimizers has belongs to the code, and so does a value that the other refuses.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import walk
from optbench.registry.registry import Registry
from optbench.suite.paths import get, put
from optbench.trials.trial import Trial

CODE, BATCH = "code", "batch size"
#: components that a step exchanges as a whole
WHOLE = ("schedule", "initializer", "normalizers", "regularizers")
ORDERS = ("both", "forward", "reverse")


@dataclass(frozen=True)
class Step:
    """One thing that is exchanged.

    settings   the optimizer's hyperparameters in it, by path; empty of other things
    note       why there is more in it than its name says
    """

    name: str
    settings: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Between:
    """The steps from `a` to `b`, candidates' names, whose settings on each place are the pairs' trials."""

    a: str
    b: str
    steps: tuple[Step, ...]

    def order(self, order: str) -> tuple[str, ...]:
        """The names of the steps, "forward" as listed or in "reverse"."""
        return tuple(step.name for step in self.steps)[:: 1 if order == "forward" else -1]

    def states(self, order: str) -> tuple[frozenset[str], ...]:
        """The names of the steps that were taken in each state from a to b."""
        names = self.order(order)
        return tuple(frozenset(names[:count]) for count in range(len(names) + 1))

    def named(self, taken: Collection[str]) -> str:
        """What a state is called: "sgd with lr and beta of momentum"."""
        if len(taken) in (0, len(self.steps)):
            return self.b if taken else self.a
        return f"{self.a} with {', '.join(s.name for s in self.steps if s.name in taken)} of {self.b}"

    def settings(self, a: Trial, b: Trial, taken: Collection[str]) -> tuple[dict[str, Any], Any]:
        """(components, batch size) of a state, where the two ends are these trials."""
        components = {name: (b if name in taken else a).components[name] for name in a.components}
        components["optimizer"] = _optimizer(a, b, self.steps, taken)
        return components, (b if BATCH in taken else a).workload.get("batch_size")


def steps_between(a: str, b: str, pairs: Sequence[tuple[Trial, Trial]], registry: Registry) -> Between:
    """What the candidates differ in on any of some places, of each of which a trial of both is given.

    OptbenchError where they differ in nothing.
    """
    names = _orderly({path for one, other in pairs for path in _shared_and_unlike(one, other)})
    code = any(_structure(one) != _structure(other) for one, other in pairs)
    middle = [Step(name) for name in WHOLE if any(x.components[name] != y.components[name] for x, y in pairs)]
    if any(one.workload.get("batch_size") != other.workload.get("batch_size") for one, other in pairs):
        middle.append(Step(BATCH))
    joint: list[str] = []
    why = ""
    while True:
        found = Between(a, b, tuple(_listed(names, middle, joint, why, code, pairs)))
        refused, message = _refused(found, pairs, registry)
        if not refused:
            break
        why = why or message
        joint = [name for name in names if name in joint or name in refused]
        if not code and len(joint) == 1:  # not by itself: then with another
            joint = [*joint, *[name for name in names if name not in joint][-1:]]
    if not found.steps:
        raise OptbenchError(f"{a} and {b} have the same settings on every workload: there is nothing to explain")
    return found


def _listed(
    names: Sequence[str],
    middle: Sequence[Step],
    joint: Sequence[str],
    why: str,
    code: bool,
    pairs: Sequence[tuple[Trial, Trial]],
) -> Iterable[Step]:
    note = f"{', '.join(joint)} cannot be carried over alone ({why})" if joint else ""
    yield from (Step(_step_name(name), (name,)) for name in names if name not in joint)
    if joint and not code:
        yield Step(", ".join(map(_step_name, joint)), tuple(joint), note)
    yield from middle
    if code:
        yield Step(CODE, (), "; ".join(filter(None, [_own(pairs), note])))


def _own(pairs: Sequence[tuple[Trial, Trial]]) -> str:
    """Which hyperparameters only one of the optimizers has."""
    told = []
    for one, other in (pairs[0], pairs[0][::-1]):
        theirs = [path for path in _paths(one) if path not in _paths(other)]
        if theirs:
            told.append(f"{', '.join(theirs)}, which {other.components['optimizer']['name']} does not have")
    return f"with {' and '.join(told)}" if told else ""


def _refused(
    found: Between, pairs: Sequence[tuple[Trial, Trial]], registry: Registry
) -> tuple[list[str], str]:
    """(hyperparameters that an optimizer does not take from the other, its words); empty where all states can be."""
    for step in found.steps:
        if len(step.settings) != 1 or len(found.steps) < 2:
            continue
        others = {s.name for s in found.steps} - {step.name}
        for taken in (frozenset({step.name}), frozenset(others)):
            if message := _fault(found, pairs, taken, registry):
                return list(step.settings), message
    for order in ("forward", "reverse"):
        for taken in found.states(order)[1:-1]:  # the ends ran
            if message := _fault(found, pairs, taken, registry):
                return [path for step in found.steps for path in step.settings], message
    return [], ""


def _fault(
    found: Between, pairs: Sequence[tuple[Trial, Trial]], taken: Collection[str], registry: Registry
) -> str:
    for a, b in pairs:
        try:
            registry.create("optimizers", _optimizer(a, b, found.steps, taken))
        except OptbenchError as error:
            return str(error)
    return ""


def _optimizer(a: Trial, b: Trial, steps: Sequence[Step], taken: Collection[str]) -> dict[str, Any]:
    ends = [dict(trial.components["optimizer"]) for trial in (a, b)]
    settings = ends[CODE in taken]
    for step in steps:
        for path in step.settings:
            settings = put(settings, path, get(ends[step.name in taken], path))
    return settings


def _paths(trial: Trial) -> list[str]:
    """Of the optimizer's hyperparameters, those of components within included."""
    return [path for path, _ in walk(trial.components["optimizer"]) if not _is_name(path)]


def _structure(trial: Trial) -> dict[str, Any]:
    """Which optimizer it is, and what is within."""
    return {path: value for path, value in walk(trial.components["optimizer"]) if _is_name(path)}


def _is_name(path: str) -> bool:
    return path.rpartition(".")[2] == "name"


def _shared_and_unlike(a: Trial, b: Trial) -> list[str]:
    one, other = (trial.components["optimizer"] for trial in (a, b))
    return [path for path in _paths(a) if path in _paths(b) and get(one, path) != get(other, path)]


def _orderly(paths: Iterable[str]) -> list[str]:
    def place(path: str) -> tuple[int, str]:
        name = path.rpartition(".")[2]
        if name in ("lr", "rate", "learning_rate") or name.startswith("lr_") or name.endswith(("_lr", "_rate")):
            return 0, path
        if name.startswith(("beta", "momentum")):
            return 1, path
        return (2 if "decay" in name else 3), path

    return sorted(paths, key=place)


def _step_name(path: str) -> str:
    """A hyperparameter's own name, unless it is that of another kind of step."""
    return f"optimizer.{path}" if path in (*WHOLE, BATCH, CODE) else path


def told_settings(found: Between, place: Mapping[str, Any], a: Trial, b: Trial) -> list[dict[str, Any]]:
    """A row a step and setting that differs on this place: step, setting, a, b; components by their settings."""
    rows = []
    one, other = a.components["optimizer"], b.components["optimizer"]
    for step in found.steps:
        if step.settings:
            cells = [(path, get(one, path), get(other, path)) for path in step.settings]
        elif step.name == CODE:
            cells = [("optimizer", one["name"], other["name"])]
        elif step.name == BATCH:
            cells = [(BATCH, a.workload.get("batch_size"), b.workload.get("batch_size"))]
        else:
            cells = [(step.name, a.components[step.name], b.components[step.name])]
        rows += [{**place, "step": step.name, "setting": s, "a": x, "b": y} for s, x, y in cells if x != y]
    return rows
