"""Results of paired seeds as arrays: logarithms of ratios of times to target, differences of final results.

**Misses.** A time that is not known counts as one step beyond its candidate's budget, the least that it can have
been: a ratio is then too close to 1 rather than too far. Where even that does not say who was ahead (both missed, or
the budget of the one that missed ended before the other's time), the pair counts as a tie. A target that is met
before the first step counts as met half way to the earliest time that was seen on the workload.

**Ladders.** Of several targets a workload (`rungs`), each is a pair by these rules, and the pair of runs is their mean.
The rules are the same with the two runs exchanged, so that where nothing differs a difference and its negative are
equally likely, however many targets were missed: what tests of signs ask for.

**Studies.** Where a workload has several, all runs of a study share the setting that it selected: the study is the
independent witness, and the pair of two studies of the same number is the mean over their seeds. Intervals over such
pairs are about the method with its tuning; over the seeds of a single study they are about the settings.

**What misses say of equality.** The least that a difference can be is no evidence that there is none. Tests of equality
take `bounds`: a difference that is not known counts there as what the test wants to refute.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.cells import arrays, cells, final_runs, normalized
from optbench.statistics.held_out import disqualified
from optbench.statistics.metrics import rung_column
from optbench.statistics.paired import Effect
from optbench.statistics.ratios import of_logs

if TYPE_CHECKING:
    import pandas as pd

TIMES = ("steps", "gradients", "epochs", "seconds")

#: targets of a workload that may be missed, as a share, where two are still called equal in time
MISSES = 0.05
#: the logarithm that stands for a time without end: a million times
UNSEEN = float(np.log(1e6))


@dataclass(frozen=True)
class Paired:
    """Results (candidates, workloads, seeds), NaN where there is no run; seeds in the same place are pairs.

    With a ladder of targets (candidates, workloads, seeds, targets), NaN where a workload has fewer of them. Where a
    workload has several studies these stand in the place of seeds, and their seeds on the last axis (`by_study`).

    values   logarithms of times, of misses that of the least time they can have taken; or final results
    missed   which of them are misses (all False for final results)
    ratio    whether `values` are logarithms, so that differences are of ratios; lower is better then, else higher
    """

    candidates: list[str]
    workloads: list[str]
    values: np.ndarray
    missed: np.ndarray
    ratio: bool

    def differences(self, a: int, b: int) -> list[np.ndarray]:
        """a - b by workload, pairs that both ran; empty where there is none. Ties as the module's text says."""
        return [row[~np.isnan(row)] for row in self.table(a, b)]

    def table(self, a: int, b: int) -> np.ndarray:
        """The same as (workloads, seeds), NaN where not both ran."""
        x, y, _, _, unknown = self._each(a, b)
        return _mean(np.where(unknown, 0.0, x - y))

    def bounds(self, a: int, b: int, margin: float) -> list[np.ndarray]:
        """`differences` as (2, pairs) by workload: as they count against "a - b <= -margin" and "a - b >= margin".

        See `bound_tables`.
        """
        return [rows[:, ~np.isnan(rows[0])] for rows in self.bound_tables(a, b, margin).swapaxes(0, 1)]

    def bound_tables(self, a: int, b: int, margin: float) -> np.ndarray:
        """`table` as it counts against "a - b <= -margin" and "a - b >= margin": (2, workloads, seeds).

        Where one missed, its lead is at least what is known: towards the side that it may go to without end it counts
        as no less than the margin. Where neither is known to be ahead, as the margin on both sides: a tie of the test.
        The mean of times that nobody saw lies further out: on a workload where more than MISSES of the targets are
        missed by one of the two, such times count as without end, and the two are not called equal.
        """
        x, y, m, n, unknown = self._each(a, b)
        d = x - y
        least = unseen(m | n, d, margin)
        low = np.where(unknown, -least, np.where(n, np.minimum(d, -least), d))
        high = np.where(unknown, least, np.where(m, np.maximum(d, least), d))
        return np.stack([_mean(low), _mean(high)])

    def missed_often(self, a: int, b: int) -> np.ndarray:
        """Workloads on which more than MISSES of the targets are missed by one of the two: (workloads,)."""
        x, y, m, n, _ = self._each(a, b)
        return often(m | n, x - y)

    def _each(self, a: int, b: int) -> tuple[np.ndarray, ...]:
        """(x, y, x missed, y missed, neither is known to be ahead), each (workloads, seeds, targets)."""
        x, y, m, n = (
            array if array.ndim == 3 else array[:, :, None]
            for array in (self.values[a], self.values[b], self.missed[a], self.missed[b])
        )
        return x, y, m, n, (m & n) | (m & (x <= y)) | (n & (y <= x))

    @property
    def unit(self) -> str:
        """What effects are told in."""
        return "ratio" if self.ratio else "difference"

    def told(self, effect: Effect) -> list[float]:
        """An effect of `differences` with its interval, [mean, low, high] in that unit."""
        ends = np.array([effect.mean, effect.low, effect.high])
        return [float(end) for end in (of_logs(ends) if self.ratio else ends)]

    def subset(self, workloads: Sequence[int]) -> "Paired":
        """The same of some workloads."""
        chosen = list(workloads)
        return Paired(
            self.candidates,
            [self.workloads[w] for w in chosen],
            self.values[:, chosen],
            self.missed[:, chosen],
            self.ratio,
        )


def seed_pairs(trials: "pd.DataFrame", by: str = "steps") -> Paired:
    """From the trials' table: by "steps", "gradients", "epochs" or "seconds" to target, on workloads that have one; by
    "final", `normalized` final results on all. Where a candidate failed on a held-out variant, it missed the target of
    the base (see `held_out`). Seconds are NaN where no cost of a step was measured."""
    runs = final_runs(trials)
    names = list(dict.fromkeys(runs["candidate"]))
    if by == "final":
        workloads = list(dict.fromkeys(runs["workload"]))
        values = cells(runs, normalized(runs), names, workloads).values
        return by_study(Paired(names, workloads, values, np.zeros(values.shape, dtype=bool), False), runs)
    if by not in TIMES:
        raise ValueError(f"by: {by!r}; expected one of {', '.join(TIMES)}, final")
    workloads = list(dict.fromkeys(runs.loc[runs["target_metric"].notna(), "workload"]))
    columns = rung_times_of(runs, by)
    times = np.stack(arrays(runs, columns, names, workloads), axis=-1)
    failed = disqualified(trials, names, workloads, by)[:, :, None, None]
    times[np.broadcast_to(failed, times.shape) & ~np.isnan(times)] = np.inf
    times = times[..., 0] if len(columns) == 1 else times
    missed = np.isinf(times)
    if not times.size:
        return Paired(names, workloads, times, missed, True)
    each = (slice(None), slice(None), *[None] * (times.ndim - 2))
    times = np.where(missed, beyond(runs, by, names, workloads)[each], times)
    others = tuple(axis for axis in range(times.ndim) if axis != 1)
    positive = np.where(times > 0, times, np.inf).min(axis=others, keepdims=True)
    times = np.where(times <= 0, 0.5 * np.where(np.isfinite(positive), positive, 1.0), times)
    return by_study(Paired(names, workloads, np.log(times), missed, True), runs)


def by_study(pairs: Paired, runs: "pd.DataFrame") -> Paired:
    """With studies in the place of seeds, on workloads that have several of them.

    runs   the rows that the values were made of: their order says which place is which study (`cells`)
    """
    places = runs[["workload", "study", "seed"]].drop_duplicates()
    studies = [places.loc[places["workload"] == w, "study"].to_numpy() for w in pairs.workloads]
    if all(len(set(of)) < 2 for of in studies):
        return pairs
    each = [[np.flatnonzero(of == study) for study in dict.fromkeys(of)] for of in studies]
    groups = [at if len(at) > 1 else at[0][:, None] for at in each]  # of a single study each seed by itself
    most = max(len(at) for at in groups)
    width = max(len(members) for at in groups for members in at)

    def folded(values: np.ndarray, empty: float | bool) -> np.ndarray:
        values = values if values.ndim == 4 else values[..., None]
        names, workloads, _, targets = values.shape
        found = np.full((names, workloads, most, width, targets), empty, dtype=values.dtype)
        for w, at in enumerate(groups):
            for place, members in enumerate(at):
                found[:, w, place, : len(members)] = values[:, w, members]
        return found.reshape(names, workloads, most, width * targets)

    values, missed = folded(pairs.values, np.nan), folded(pairs.missed, False)
    return Paired(pairs.candidates, pairs.workloads, values, missed, pairs.ratio)


def rung_times_of(runs: "pd.DataFrame", by: str) -> "list[pd.Series]":
    """Times of runs to each target of their workloads' ladders, as far as the trials' table has them; else to the
    target. Where a workload has fewer than others, NaN."""
    unit = "gradients" if by == "gradients" else "steps"
    number = 0
    while rung_column(f"{unit}_to_target", number) in runs:
        number += 1
    if not number:
        return [runs[f"{by}_to_target"]]
    first = rung_column(f"{unit}_to_target", 0)
    of = {"epochs": runs["epochs"] / runs["steps"], "seconds": runs["seconds_per_step"]}.get(by, 1.0)
    found = [runs[rung_column(f"{unit}_to_target", rung)] * of for rung in range(number)]
    # a workload with a single target has no columns of rungs where others have
    found[0] = found[0].where(runs[first].notna(), runs[f"{by}_to_target"])
    return found


def budgets(runs: "pd.DataFrame", by: str, names: list[str], workloads: list[str]) -> np.ndarray:
    """What a run may spend (candidates, workloads), in steps, gradients or epochs: as much as the longest did.

    The longest of the candidate's own runs that were done; where it has none, as when all diverged, of all runs on the
    workload.
    """
    done = runs[runs["outcome"] == "done"]
    own = done.groupby(["candidate", "workload"])[by].max().unstack("workload")
    own = own.reindex(index=names, columns=workloads)
    return own.fillna(runs.groupby("workload")[by].max().reindex(workloads)).to_numpy(dtype=float)


def unseen(missed: np.ndarray, differences: np.ndarray, margin: float) -> np.ndarray:
    """What a difference that is not known counts as, at the least, where equality is tested: (workloads, 1, 1).

    missed, differences   (workloads, seeds, targets); NaN where not both ran
    """
    return np.where(often(missed, differences), max(UNSEEN, margin), margin)[:, None, None]


def often(missed: np.ndarray, differences: np.ndarray) -> np.ndarray:
    """Whether more than MISSES of a workload's targets are missed: (workloads,), of arrays as those of `unseen`."""
    known = ~np.isnan(differences)
    return (missed & known).sum(axis=(1, 2)) > MISSES * known.sum(axis=(1, 2))


def _mean(values: np.ndarray) -> np.ndarray:
    """Over the targets, the last axis, that there are; NaN where there is none."""
    known = ~np.isnan(values)
    number = known.sum(axis=-1)
    return np.where(number > 0, np.where(known, values, 0.0).sum(axis=-1) / np.maximum(number, 1), np.nan)


def beyond(runs: "pd.DataFrame", by: str, names: list[str], workloads: list[str]) -> np.ndarray:
    """The least time (candidates, workloads) that a miss can have taken: a step more than the budget."""
    longest = budgets(runs, "steps" if by == "seconds" else by, names, workloads)
    if by == "epochs":
        steps = runs.groupby("workload")["steps"].max().reindex(workloads).clip(lower=1)
        return longest * (1 + 1 / steps.to_numpy(dtype=float))
    if by == "seconds":
        cost = runs.groupby(["candidate", "workload"])["seconds_per_step"].max().unstack("workload")
        return (longest + 1) * cost.reindex(index=names, columns=workloads).to_numpy(dtype=float)
    return longest + 1
