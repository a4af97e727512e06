"""Too few seeds: no outcome could have decided, or the question that was asked is left open."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from optbench.statistics.cautions.common import Caution
from optbench.statistics.cells import final_runs
from optbench.statistics.level import FIXED, Level
from optbench.statistics.planning import seeds_needed

if TYPE_CHECKING:
    import pandas as pd

    from optbench.statistics.questions import Question
    from optbench.statistics.verdict import Standing
    from optbench.statistics.versus import Comparison

LEVEL = 0.05
#: the least pairs with which a two-sided sign-flip test can give 5 %: its smallest p is 2 / 2^n
PAIRS = 6
#: a number of seeds that nobody runs
MANY = 1000


def few_pairs(trials: "pd.DataFrame") -> Iterator[Caution]:
    """Workloads with too few paired runs for any outcome of a test to decide."""
    final = final_runs(trials)
    if final["candidate"].nunique() < 2:
        return
    places = final[["workload", "study", "seed"]].drop_duplicates()
    pairs = places.groupby("workload", sort=False).size()
    studies = max(1, int(final.groupby("workload")["study"].nunique().min()))
    for count in sorted(set(pairs[pairs < PAIRS])):
        names = list(pairs.index[pairs == count])
        need = f"--seeds {math.ceil(PAIRS / studies)} can"
        if count == 1:
            message = f"a single run shows no spread: no difference can be judged; {need}"
        else:
            smallest = f"2/2^{count} = {2 / 2**count:.3g}"
            message = (
                f"{count} paired runs a workload: the smallest p of the sign-flip test is {smallest}, above"
                f" {LEVEL:g}, so no workload by itself can decide between two candidates; {need}"
            )
        everywhere = len(names) == len(pairs) > 1
        for name in [""] if everywhere else names:
            yield Caution("seeds", name, "", message)


def undecided(standing: "Standing | None", level: Level = FIXED) -> Iterator[Caution]:
    """A question that is left open: of whoever is in focus against the baseline, else of the first two; and how many
    seeds would tell a difference of the size that was seen, with 80 % power."""
    if standing is None or level.seeds == 0:
        return
    for question in standing.questions:
        if question.name == "time" or len(standing.questions) == 1:
            for pair in _asked(standing):
                found = question.between(*pair)
                if found is not None and found.word == "undecided" and found.high > found.low:
                    what = "speed" if question.name == "time" else "the result"
                    message = f"{pair[0]} and {pair[1]} are not told apart in {what}; {_needed(question, found, level)}"
                    yield Caution("seeds", "", "", message)


def _asked(standing: "Standing") -> list[tuple[str, str]]:
    if standing.focus and standing.baseline:
        return [(name, standing.baseline) for name in standing.focus if name != standing.baseline]
    if standing.focus or len(standing.candidates) < 2:
        return []
    return [(standing.candidates[0], standing.candidates[1])]


def _needed(question: "Question", found: "Comparison", level: Level) -> str:
    place = [question.pairs.candidates.index(name) for name in (found.candidate, found.against)]
    spread = [float(d.std(ddof=1)) for d in question.pairs.differences(*place) if len(d) > 1]
    effect = math.log(found.effect) if question.unit == "ratio" else found.effect
    need = None
    if effect and any(spread):
        need = seeds_needed(effect, spread, len(question.comparisons), alpha=level.difference)
    if need is None or need > MANY:
        return f"more than {MANY} seeds would be needed for a difference as small as this one"
    return f"about {max(need, found.pairs + 1)} seeds would be needed for a difference of this size (80 % power)"
