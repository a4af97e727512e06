"""From one candidate to another in steps: what each adds to the difference, and its share of the whole.

Between A and B stand intermediate states, each with one thing more as B has it. With y the logarithm of a time, or a
final result, of the same seed on the same workload:

    effect of a step     y(after it) - y(before it)
    the whole            y(B) - y(A), the sum of the effects of all steps
    share of a step      its mean effect over the mean of the whole

What a step does depends on what was changed before it. So steps are taken in several orders (`Chain`); a step's effect
is the mean over them, seed by seed, and that of each order is told beside it. Means over workloads, and intervals, are
those of all paired comparisons (`paired`), of shares Fieller's (`shares`); of times, effects and the whole are ratios
and their geometric means.

**Misses** are as in `contrasts`: a time that is not known counts as the least that it can have been, and where that
does not say on which side of 0 an effect lies, the seed counts as a tie. Ties may leave a part of the whole to no step:
it is a row of its own (`REST`). Where no target was missed there is none.

A state that misses a target in half of its runs or more says only that the steps before and after it belong together:
two bounds have no shares. So shares of times are told on workloads where every state meets each target in most of its
runs; of one order alone where those of this order do. Final results are there of all runs.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.cells import final_runs
from optbench.statistics.contrasts import contrast, difference
from optbench.statistics.paired import paired_effect
from optbench.statistics.pairs import Paired, rung_times_of, seed_pairs
from optbench.statistics.shares import share
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

ALL, WHOLE, REST = "all", "whole", "not attributed"
METRICS = ("steps", "final")
COLUMNS = (
    "metric", "workload", "step", "effect", "low", "high", "unit", "share", "share_low", "share_high", "reason",
    "pairs", "workloads",
)  # fmt: skip
#: of these there is one of each chain, too
EACH = ("effect", "low", "high", "share", "share_low", "share_high")
#: why there is no share
UNTOLD = "the whole is not told from none"
ENDS = "one of the two meets a target in half of its runs or fewer"
BOUNDS = "states on the way meet a target in half of their runs or fewer"
#: a part of the whole that is rounding
ROUNDING = 1e-9


@dataclass(frozen=True)
class Chain:
    """An order of the steps: `states[i]` becomes `states[i + 1]` by `steps[i]`. All chains have the same two ends."""

    name: str
    steps: tuple[str, ...]
    states: tuple[str, ...]

    def across(self, step: str) -> tuple[str, str]:
        """(after, before) a step."""
        place = self.steps.index(step)
        return self.states[place + 1], self.states[place]


def waterfall(trials: "pd.DataFrame", chains: Sequence[Chain]) -> "pd.DataFrame":
    """A row a metric ("steps", "final"), workload ("all" over them) and step, in the order of the first chain, then of
    the `WHOLE`.

    trials   the table of trials, with the states as its candidates

    "all" is over the workloads where times have shares, if there are any, else over all. Columns: metric, workload,
    step, effect with low and high (a ratio of times, below 1 is faster, or a difference of normalized results, above 0
    is better), unit, share with its ends, reason (why there is none), pairs (of the workload with the fewest),
    workloads, and of each chain effect.NAME, share.NAME and their ends (low.NAME, …).
    """
    import pandas as pd

    met = solved(trials)
    rows = [row for by in METRICS for row in _rows(seed_pairs(trials, by), by, chains, met)]
    return pd.DataFrame(rows, columns=[*COLUMNS, *(f"{what}.{c.name}" for c in chains for what in EACH)])


def solved(trials: "pd.DataFrame") -> set[tuple[str, str]]:
    """(candidate, workload) where most runs met each target that there is."""
    runs = final_runs(trials)
    places = set(zip(runs["candidate"], runs["workload"], strict=True))
    for times in rung_times_of(runs, "steps"):
        missed = np.isinf(times[times.notna()]).groupby([runs["candidate"], runs["workload"]]).mean()
        places -= set(missed.index[missed >= 0.5])
    return places


def _rows(
    pairs: Paired, by: str, chains: Sequence[Chain], met: Collection[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    pairs = _complete(pairs)
    there = [w for w in range(len(pairs.workloads)) if not np.isnan(pairs.values[0, w]).all()]

    def good(states: Sequence[str], places: Sequence[int]) -> bool:
        return not pairs.ratio or all((state, pairs.workloads[w]) in met for state in states for w in places)

    whole = [w for w in there if all(good(chain.states, [w]) for chain in chains)] or there
    places = [(ALL, whole)] if len(there) > 1 else []
    for workload, chosen in [*places, *((pairs.workloads[w], [w]) for w in there)]:
        able = [good(chain.states, chosen) for chain in chains]
        ends = good((chains[0].states[0], chains[0].states[-1]), chosen)
        for step, found in _at(pairs.subset(chosen), chains, able, ends):
            yield {"metric": by, "workload": workload, "step": step, "workloads": len(chosen), **found}


def _at(
    pairs: Paired, chains: Sequence[Chain], able: Sequence[bool], ends: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(step, its numbers) over all workloads of `pairs`.

    able, ends   of which chains shares can be told, and whether that of the whole can
    """
    first = chains[0]
    whole = contrast(pairs, [difference(first.states[-1], first.states[0])])
    #: effects by chain, of each an array a workload
    lines = {s: [contrast(pairs, [difference(*chain.across(s))]) for chain in chains] for s in first.steps}
    added = [[np.sum(one, axis=0) for one in zip(*parts, strict=True)] for parts in zip(*lines.values(), strict=True)]
    rest = [[one - other for one, other in zip(whole, sums, strict=True)] for sums in added]
    if any(np.abs(group).max() > ROUNDING for sums in rest for group in sums):
        lines[REST] = rest
    lines[WHOLE] = [whole] * len(chains)
    for step, alone in lines.items():
        good = [ends] * len(chains) if step == WHOLE else able
        means = [np.mean(one, axis=0) for one in zip(*alone, strict=True)]
        found = {**_told(pairs, means, whole, all(good), BOUNDS if ends else ENDS), "unit": pairs.unit}
        for chain, effects, one in zip(chains, alone, good, strict=True):
            told = _told(pairs, effects, whole, one, BOUNDS)
            found |= {f"{what}.{chain.name}": told[what] for what in EACH}
        yield step, found


def _told(
    pairs: Paired, effects: list[np.ndarray], whole: list[np.ndarray], able: bool, why: str
) -> dict[str, Any]:
    effect, total = paired_effect(effects), paired_effect(whole)
    apart = total.low * total.high > 0
    shares = share(effects, whole) if able and apart else (float("nan"),) * 3
    ends = zip(("effect", "low", "high"), pairs.told(effect), strict=True)
    parts = zip(("share", "share_low", "share_high"), shares, strict=True)
    reason = "" if able and apart else UNTOLD if able else why
    return {**dict(ends), **dict(parts), "reason": reason, "pairs": effect.pairs}


def _complete(pairs: Paired) -> Paired:
    """Of seeds that not all states ran, nothing: effects would not add up."""
    absent = np.isnan(pairs.values).any(axis=0, keepdims=True)
    values = np.where(absent, np.nan, pairs.values)
    return Paired(pairs.candidates, pairs.workloads, values, pairs.missed, pairs.ratio)


def losses(trials: "pd.DataFrame") -> "pd.DataFrame":
    """A row a state and workload where runs missed a target or ended badly: candidate, workload, runs, missed, failed,
    outcomes (such as "6 diverged").

    missed   runs that missed a target; those that failed are among them
    """
    import pandas as pd

    runs = final_runs(trials)
    runs = runs.assign(missed=np.isinf(runs["steps_to_target"]), failed=~runs["outcome"].isin(FINISHED))
    rows = []
    for (candidate, workload), group in runs.groupby(["candidate", "workload"], sort=False):
        if (group["missed"] | group["failed"]).any():
            counts = group.loc[group["failed"], "outcome"].value_counts()
            outcomes = ", ".join(f"{n} {outcome}" for outcome, n in counts.items())
            missed, failed = int(group["missed"].sum()), int(group["failed"].sum())
            rows.append((candidate, workload, len(group), missed, failed, outcomes))
    return pd.DataFrame(rows, columns=["candidate", "workload", "runs", "missed", "failed", "outcomes"])
