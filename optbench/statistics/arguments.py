"""What strangers give to the public functions of statistics, checked by the names of the arguments.

One name means one thing throughout the room, so that a rule is written once. `optbench.statistics` wraps its functions;
those of the room call each other without.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ParamSpec, TypeVar

import numpy as np

from optbench.contract.arguments import (
    all_made,
    choice,
    flag,
    listed,
    made,
    numbers,
    plain,
    seed,
    text,
    whole,
    wrong,
)
from optbench.contract.errors import OptbenchError, near
from optbench.contract.guarding import Rule, choices, guarded
from optbench.statistics.ladder import Curve
from optbench.statistics.level import Level
from optbench.statistics.looks import Decision, Plan
from optbench.statistics.pairs import Paired
from optbench.statistics.scope import Scope
from optbench.statistics.versus import Comparison

P = ParamSpec("P")
R = TypeVar("R")


def number(name: str, value: Any, low: float = -np.inf, high: float = np.inf, ends: str = "()") -> float:
    """A number between two others; `ends` are the brackets of the interval."""
    found = plain(value)
    if isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) <= sys.float_info.max:
        above = found >= low if ends[0] == "[" else found > low
        if above and (found <= high if ends[1] == "]" else found < high):
            return float(found)
    raise wrong(name, f"a number in {ends[0]}{low:g}, {high:g}{ends[1]}", value)


def table(name: str, value: Any) -> Any:
    """A table (or column) of pandas, as `Results.trials` is."""
    pandas = sys.modules.get("pandas")  # what nobody imported nobody gives
    if pandas is None or not isinstance(value, (pandas.DataFrame, pandas.Series)):
        raise wrong(name, "a pandas table, such as results.trials", value)
    return value


def array(name: str, value: Any) -> Any:
    """Numbers, as an array, a list or a column, which stays one."""
    found = numbers(name, value)
    return value if hasattr(value, "index") and not isinstance(value, (list, tuple)) else found


def arrays(name: str, value: Any) -> list[np.ndarray]:
    """A list of arrays of numbers."""
    found = listed(name, value, "a list of arrays of numbers")
    return [numbers(f"{name}[{k}]", one) for k, one in enumerate(found)]


def tables(name: str, value: Any) -> list[np.ndarray]:
    """A list of arrays with two axes."""
    found = arrays(name, value)
    for k, one in enumerate(found):
        if one.ndim != 2:
            raise wrong(f"{name}[{k}]", "an array with two axes, such as (seeds, comparisons)", value[k])
    return found


def generator(name: str, value: Any) -> Any:
    if not isinstance(value, np.random.Generator):
        raise wrong(name, "a generator such as numpy.random.default_rng(0)", value)
    return value


def shares(name: str, value: Any) -> dict[str, float]:
    """A number above 0 a name."""
    if not isinstance(value, Mapping):
        raise wrong(name, "a table {workload: number above 0}", value)
    return {text(f"a key of {name}", key): number(f"{name}[{key!r}]", one, 0) for key, one in value.items()}


def names(name: str, value: Any) -> list[str]:
    return [text(f"{name}[{k}]", one) for k, one in enumerate(listed(name, value, "a list of names"))]


def pairs_of_names(name: str, value: Any) -> list[tuple[str, str]]:
    """(candidate, other) of each comparison."""
    found = listed(name, value, "a list of pairs of names")
    rows = [names(f"{name}[{k}]", one) for k, one in enumerate(found)]
    for k, one in enumerate(rows):
        if len(one) != 2:
            raise wrong(f"{name}[{k}]", "two names", found[k])
    return [(one, other) for one, other in rows]


def settings(name: str, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise wrong(name, "a table", value)
    return value


def wholes(name: str, value: Any) -> list[int]:
    return [whole(f"{name}[{k}]", one, 1) for k, one in enumerate(listed(name, value, "a list of whole numbers"))]


def object_of(kind: type) -> Rule:
    return lambda name, value: made(name, value, kind, f"a {kind.__name__} of optbench.statistics")


def objects_of(kind: type) -> Rule:
    return lambda name, value: all_made(name, value, kind, f"a {kind.__name__} of optbench.statistics")


SHARE: Rule = partial(number, low=0, high=1)
COUNT: Rule = partial(whole, low=1, high=10**9)
POSITIVE: Rule = partial(number, low=0)
#: what runs are compared by, where a function does not say it more closely
BY: Rule = partial(choice, names=("steps", "gradients", "epochs", "seconds", "final"))

#: by the argument's name
RULES: dict[str, Rule] = {
    **dict.fromkeys(("alpha", "confidence", "wanted"), SHARE),
    **dict.fromkeys(("met", "earliest"), partial(number, low=0, high=1, ends="(]")),
    **dict.fromkeys(("p", "p_equal"), partial(number, low=0, high=1, ends="[]")),
    **dict.fromkeys(("resamples", "draws", "comparisons", "rungs", "points", "targets", "budget", "bins"), COUNT),
    **dict.fromkeys(("margin", "share", "r_max", "gamma", "growth"), POSITIVE),
    **dict.fromkeys(("effect", "mean", "error"), number),
    **dict.fromkeys(("seeds", "first", "most"), partial(whole, low=2)),
    **dict.fromkeys(("lower", "higher"), flag),
    **dict.fromkeys(("baseline", "workload", "candidate", "against", "column", "metric", "sense"), text),
    **dict.fromkeys(("trials", "curves", "ranks", "table"), table),
    **dict.fromkeys(
        ("values", "times", "rates", "results", "noise", "at", "levels", "taus", "shares", "z", "middle", "drawn",
         "sizes"), array,
    ),
    **dict.fromkeys(("groups", "scores", "bounds", "x", "y"), arrays),
    **dict.fromkeys(("others", "focus", "candidates", "workloads", "names", "order"), names),
    **dict.fromkeys(("suite", "ladders"), settings),
    "asked": pairs_of_names,
    "by": BY,
    "decision": object_of(Decision),
    "k": wholes,
    "level": object_of(Level),
    "looks": wholes,
    "margins": shares,
    "pairs": object_of(Paired),
    "plan": object_of(Plan),
    "rng": generator,
    "runs": objects_of(Curve),
    "scope": object_of(Scope),
    "seed": seed,
}  # fmt: skip
#: where a function means something else by a name
OWN: dict[tuple[str, str], Rule] = {
    ("at_look", "seeds"): whole,
    ("critical_difference", "candidates"): whole,
    ("critical_difference", "workloads"): whole,
    ("groups", "comparisons"): objects_of(Comparison),
    ("max_t", "groups"): tables,
    ("pooled_tuning_curve", "workloads"): arrays,
    ("power_statement", "candidates"): whole,
    ("power_statement", "workloads"): whole,
    ("ratio_to_baseline", "baseline"): whole,
    ("workloads_needed", "pairs"): COUNT,
}
#: taken as it is: a number or an array, a number or a function
FREE = (("cliques", "apart"), ("expected_running_time", "budget"))


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which raises one `OptbenchError` that names the argument where one cannot be."""
    return guarded(function, rule_of, known)


def rule_of(function: str, parameter: inspect.Parameter) -> Rule | None:
    """What holds of an argument: its own rule, the choices that its type names, or the rule of its name."""
    if (function, parameter.name) in FREE:
        return None
    options = choices(parameter.annotation)
    return OWN.get((function, parameter.name)) or (
        partial(choice, names=options) if options else RULES.get(parameter.name)
    )


def known(arguments: Mapping[str, Any]) -> None:
    """A candidate that is compared is one of those that the pairs are of; an unknown one has a near name."""
    if isinstance(pairs := arguments.get("pairs"), Paired):
        asked = [("candidate", arguments.get("candidate"))]
        asked += [("others", one) for one in arguments.get("others") or ()]
        asked += [("asked", one) for pair in arguments.get("asked") or () for one in pair]
        for name, one in asked:
            if one is not None and one not in pairs.candidates:
                raise OptbenchError(f"{name}: there is no candidate {one!r}; {near(one, pairs.candidates)}")
