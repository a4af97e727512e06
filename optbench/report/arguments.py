"""What strangers give to the public functions of the report, checked by the names of the arguments."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ParamSpec, TypeVar

import numpy as np

from optbench.contract.arguments import all_made, choice, flag, listed, made, path, plain, text, whole, wrong
from optbench.contract.guarding import Rule, guarded
from optbench.statistics.arguments import array, names, number, table

P = ParamSpec("P")
R = TypeVar("R")


def styles(name: str, value: Any) -> Any:
    """Looks by candidate, as `candidate_styles` gives them."""
    from optbench.report.pictures.style import Style

    if not isinstance(value, Mapping) or not all(isinstance(look, Style) for look in value.values()):
        raise wrong(name, "looks by candidate, such as candidate_styles(names)", value)
    return value


def having(expected: str, *attributes: str) -> Rule:
    """An object with these, whatever its class; a class has them without their values."""

    def rule(name: str, value: Any) -> Any:
        if isinstance(value, type) or not all(hasattr(value, one) for one in attributes):
            raise wrong(name, expected, value)
        return value

    return rule


def metrics(name: str, value: Any) -> Any:
    """A field of the curves, or one a workload."""
    if not isinstance(value, Mapping):
        return text(name, value, "a field of the curves, or a table {workload: field}")
    return {text(f"a key of {name}", key): text(f"{name}[{key!r}]", one) for key, one in value.items()}


def paths(name: str, value: Any) -> dict[str, np.ndarray]:
    """A path (steps, 2) a candidate."""
    if not isinstance(value, Mapping):
        raise wrong(name, "a table {candidate: path}", value)
    found = {text(f"a key of {name}", key): array(f"{name}[{key!r}]", one) for key, one in value.items()}
    for key, one in found.items():
        if np.shape(one)[1:] != (2,):
            raise wrong(f"{name}[{key!r}]", "an array (steps, 2)", value[key])
    return found


def name_groups(name: str, value: Any) -> list[list[str]]:
    return [names(f"{name}[{k}]", one) for k, one in enumerate(listed(name, value, "a list of lists of names"))]


def measures(name: str, value: Any) -> Any:
    """(column, (low, high), axis label, whether the axis is logarithmic) a panel."""
    for k, one in enumerate(listed(name, value, "a list of (column, (low, high), label, logarithmic)")):
        row = listed(f"{name}[{k}]", one, "(column, (low, high), label, logarithmic)")
        if len(row) != 4 or len(names(f"{name}[{k}][1]", row[1])) != 2:
            raise wrong(f"{name}[{k}]", "(column, (low, high), label, logarithmic)", one)
        text(f"{name}[{k}][0]", row[0])
        text(f"{name}[{k}][2]", row[2])
    return value


def unless_nan(name: str, value: Any) -> float:
    found = plain(value)
    return found if isinstance(found, float) and found != found else number(name, value)


def sections(name: str, value: Any) -> Any:
    from optbench.report.parts import Section

    return all_made(name, value, Section, "a Section of optbench.report.parts")


def training(name: str, value: Any) -> Any:
    from optbench.lab.watched import Watched

    return made(name, value, Watched, "a training, such as optbench.watched(folder)")


def trainings(name: str, value: Any) -> Any:
    return [training(f"{name}[{k}]", one) for k, one in enumerate(listed(name, value, "a list of trainings"))]


def named_trainings(name: str, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise wrong(name, "a table {name: training}", value)
    return {text(f"a key of {name}", key): training(f"{name}[{key!r}]", one) for key, one in value.items()}


def told(name: str, value: Any) -> Any:
    if not callable(value) or isinstance(value, type):
        raise wrong(name, "a function of a text", value)
    return value


#: by the argument's name
RULES: dict[str, Rule] = {
    **dict.fromkeys(("trials", "curves", "claims", "table", "times", "profile", "shares", "ranks"), table),
    **dict.fromkeys(("order", "names", "level"), names),
    **dict.fromkeys(("baseline", "value", "title", "text", "prefix"), text),
    **dict.fromkeys(("folder", "out"), path),
    "by": partial(choice, names=("steps", "gradients", "seconds")),
    "critical": unless_nan,
    "extra": sections,
    **dict.fromkeys(("failed", "note"), told),
    "figures": flag,
    "function": having("a function to draw, such as optbench.get('rosenbrock', kind='function')",
                       "value", "minima", "minimum", "window"),
    "groups": name_groups,
    "measures": measures,
    "language": text,
    "metric": metrics,
    "paths": paths,
    "phase": partial(choice, names=("tune", "final")),
    "points": partial(whole, low=2, high=10**4),
    "r_max": partial(number, low=1),
    "results": having("results, such as optbench.load(folder)", "leaderboard"),
    "styles": styles,
    "training": training,
    "trainings": trainings,
}  # fmt: skip
#: where a function means something else by a name
OWN: dict[tuple[str, str], Rule] = {
    ("compared_curves", "trainings"): named_trainings,
    ("write", "results"): having("results, such as optbench.load(folder)", "trials", "curves", "suite", "leaderboard"),
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which raises one `OptbenchError` that names the argument where one cannot be."""
    return guarded(function, rule_of)


def rule_of(function: str, parameter: inspect.Parameter) -> Rule | None:
    return OWN.get((function, parameter.name)) or RULES.get(parameter.name)
