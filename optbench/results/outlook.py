"""What a finished run could tell, what it has answered, and what it would take to answer the rest."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, get_args

from optbench.results.rounds import order_of
from optbench.statistics.equality import Word
from optbench.statistics.holm import ALPHA
from optbench.statistics.level import level_of
from optbench.statistics.until import BY, MOST, Aim, aim, answer_of, answers_table, measured

if TYPE_CHECKING:
    import pandas as pd


#: more are never planned: each has half as many seeds again as the one before
MOST_LOOKS = 50


class Ran(Protocol):
    """What is asked of `Results`."""

    @property
    def trials(self) -> "pd.DataFrame": ...

    @property
    def suite(self) -> dict[str, Any]: ...

    @property
    def until(self) -> dict[str, Any]: ...

    @property
    def reference(self) -> dict[str, Any]: ...

    @property
    def _meta(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Outlook:
    """table      see `optbench.statistics.telling.least_table`
    time, result  the least difference over all workloads together with 80 % power: a share of the time, a difference
                  of results; NaN where nothing tells
    seeds         at which all would be decided, as far as one can tell; None: nothing is asked, or very much
    open          questions that would be open with as many seeds as `--until decided` adds at most
    minutes       that the seeds beyond those of the run would take here; None: not known
    """

    table: "pd.DataFrame"
    time: float
    result: float
    seeds: int | None
    open: int
    minutes: float | None


def own(reference: Mapping[str, Any], suite: Mapping[str, Any]) -> list[str]:
    """Candidates that ran beside stored ones; none where all ran."""
    theirs = reference.get("candidates") or ()
    return [c["name"] for c in suite.get("candidates", ()) if c["name"] not in theirs] if theirs else []


def checked(said: Mapping[str, Any]) -> None:
    """Refuse a record of looks (`begun`) that none of ours can be; ValueError, TypeError or KeyError."""
    aim = Aim(tuple(said["looks"]), tuple(said["order"]), tuple(said["focus"]), dict(said["equal"]))
    if not all(0 < aim.equal[kind] < math.inf for kind in BY):
        raise ValueError(f"equal: {said['equal']}")
    aim.plan("time")  # which looks at the looks
    if said["seeds"] not in (0, *aim.looks) or len(aim.looks) > MOST_LOOKS:
        raise ValueError(f"looks: {said['seeds']} of {len(aim.looks)}")
    for one in map(answer_of, said["answers"]):
        known = one.kind in BY and one.word in get_args(Word) and one.seeds in (0, *aim.looks)
        if not known or one.look not in range(len(aim.looks) + 1) or not all(isinstance(z, float) for z in one.z):
            raise ValueError(f"answers: {one}")
        if bool(one.look) != bool(one.seeds) or len(one.z) != max(one.look - 1, 0):
            raise ValueError(f"answers: {one}")


def asked(results: Ran, most: int = MOST) -> Aim:
    """What a run asks: the plan that it kept, else that of its suite."""
    said = results.until
    if said:
        return Aim(tuple(said["looks"]), tuple(said["order"]), tuple(said["focus"]), dict(said["equal"]))
    focus = results.suite.get("focus") or own(results.reference, results.suite)
    return aim(most, order_of(results.suite), focus, results.suite.get("equal"))


def answers_of(results: Ran) -> "pd.DataFrame":
    """See `Results.answers`."""
    said = results.until
    found = [answer_of(record) for record in said["answers"]] if said else []
    return answers_table(results.trials, asked(results), found, int(said["seeds"]) if found else 0)


def outlook(results: Ran) -> Outlook:
    """See `Outlook`."""
    from optbench.statistics.telling import ALL, comparisons, least_table, seeds_until_decided

    said = results.until
    aim = asked(results)
    pairs = measured(results.trials, aim.order, int(said["seeds"]) if said.get("seeds") else None)
    names = list(dict.fromkeys(name for one in pairs.values() for name in one.candidates))
    seeds = max((one.values.shape[2] for one in pairs.values()), default=0)
    alpha = level_of(said).difference or ALPHA
    table = least_table(pairs, seeds, comparisons(aim, names), alpha=alpha)
    least = table[table["workload"] == ALL].set_index("question")["least"].to_dict()
    needed, left = seeds_until_decided(pairs, aim) or (None, 0)
    pace = results._meta["pace"]
    minutes = None
    if needed is not None and pace:
        minutes = max(0, needed - seeds) * float(pace["seconds"]) / 60
    return Outlook(table, least.get("time", math.nan), least.get("result", math.nan), needed, left, minutes)
