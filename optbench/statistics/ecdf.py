"""Runtime profiles: the share of many targets that are reached within a budget, as COCO shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from optbench.contract.metric import field_of
from optbench.statistics.cells import final_runs
from optbench.statistics.metrics import less_is_better
from optbench.trials.crossing import crossings
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

TARGETS = 51
#: so many budgets at most are listed: a curve on a page shows no more
POINTS = 256
LOGARITHMIC = ("loss",)
#: what tells one run from another on a workload
RUN = ["candidate", "study", "seed"]
COLUMNS = ("candidate", "budget", "share")
#: what is read of the tables
OF_RUNS = ("workload", *RUN, "phase", "variant_of", "outcome", "steps", "seconds_per_step", "target_metric", "metric")
OF_CURVES = (
    *("workload", *RUN, "phase", "variant_of", "step", "gradients"),
    *("train_loss", "train_metric", "validation_loss", "validation_metric"),
)


def target_ecdf(
    curves: "pd.DataFrame",
    trials: "pd.DataFrame",
    targets: int = TARGETS,
    by: Literal["steps", "gradients", "seconds"] = "steps",
    points: int = POINTS,
) -> "pd.DataFrame":
    """Share of (workload, target, seed) that a candidate reached within a budget: candidate, budget, share.

    After COCO's runtime profiles (Hansen et al. 2021, arXiv:1603.08785; 51 targets as there). From final runs alone.

    **Targets** of a workload are spaced evenly from its first value (the median over runs of the first measurement),
    which is not one of them, to the best value that any run reached, which is; of a loss evenly in its logarithm, where
    all are positive. Values that are not finite are no first or best ones. The metric is that of the workload's own
    target; without one the validation metric, else the loss.

    **Hits.** When a run's curve first crosses the target (`optbench.trials.crossing`). A run that diverged or failed
    reaches nothing, a candidate that never ran on a workload neither: misses stay in the denominator and are never
    hit. All seeds count, each as a run of its own: a median over seeds would hide how many fail. COCO's simulated
    restarts are not made. Workloads weigh the same, whatever their number of seeds.

    **Budget** is a multiple of the workload's own, so that workloads can be pooled: 1 is what the suite gives a run.
    By steps, steps over the workload's steps; by gradients, evaluations over the same number, so that two evaluations
    a step end at 2; by seconds, calibrated seconds over those in which the candidate with the cheapest step spends
    the whole budget. Candidates without calibrated seconds have no curve by seconds.

    Budgets rise, are the same for all candidates, and begin at 0; between two of them the share is that of the lower
    one (draw it as steps). At most `points` of them, thinned evenly; at each the share is exact. Empty without curves.
    """
    return pooled(crossed(curves, trials, targets), by, points)


@dataclass(frozen=True)
class Crossed:
    """When the runs on one workload crossed its targets.

    times      {candidate: (runs, targets)} by "step" and "gradients", infinite for a miss
    costs      calibrated seconds of a step by candidate, NaN where they are not known
    steps      that the suite gives a run
    """

    times: dict[str, dict[str, np.ndarray]]
    costs: dict[str, float]
    steps: float

    def budgets(self, by: str) -> dict[str, np.ndarray]:
        """{candidate: (hits,)} as shares of the workload's budget; without candidates of whom no cost is known."""
        times = self.times["gradients" if by == "gradients" else "step"]
        if by != "seconds":
            return {name: (of / self.steps).ravel() for name, of in times.items()}
        whole = self.steps * float(np.nanmin([*self.costs.values(), np.inf]))
        known = {name: self.costs[name] for name in times if np.isfinite(self.costs[name])}
        return {name: (times[name] * cost / whole).ravel() for name, cost in known.items()}


def crossed(curves: "pd.DataFrame", trials: "pd.DataFrame", targets: int = TARGETS) -> list[Crossed]:
    """Of each workload that has curves of final runs; see `target_ecdf`."""
    runs = final_runs(trials[[name for name in OF_RUNS if name in trials]])
    measured = final_runs(curves[[name for name in OF_CURVES if name in curves]]) if len(curves) else curves
    by_workload = dict(list(measured.groupby("workload", sort=False))) if len(measured) else {}
    empty = measured.iloc[:0]
    found = (
        _reached(rows, by_workload.get(workload, empty), targets)
        for workload, rows in runs.groupby("workload", sort=False)
    )
    return [one for one in found if one is not None]


def pooled(workloads: Sequence[Crossed], by: str = "steps", points: int = POINTS) -> "pd.DataFrame":
    """`target_ecdf`, from what `crossed` gives."""
    import pandas as pd

    if by not in ("steps", "gradients", "seconds"):
        raise ValueError(f"by: {by!r}; steps, gradients or seconds was expected")
    hits: dict[str, list[np.ndarray]] = {}
    for workload in workloads:
        for name, times in workload.budgets(by).items():
            hits.setdefault(name, []).append(times)
    if not hits:
        return pd.DataFrame(columns=list(COLUMNS))
    budgets = _thinned(np.concatenate([times for of in hits.values() for times in of]), points)
    parts = []
    for name, of in hits.items():
        joined = np.concatenate(of)
        order = np.argsort(joined, kind="stable")
        weights = np.concatenate([np.full(len(times), 1 / len(times)) for times in of])
        total = np.concatenate([[0.0], np.cumsum(weights[order])]) / len(workloads)
        share = total[np.searchsorted(joined[order], budgets, side="right")]
        parts.append(pd.DataFrame({"candidate": name, "budget": budgets, "share": np.minimum(share, 1.0)}))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _reached(runs: "pd.DataFrame", curves: "pd.DataFrame", targets: int) -> Crossed | None:
    """Of one workload; None: no curves, or nobody took a step."""
    field = _field(runs, curves)
    if field is None:
        return None
    ended = runs[runs["outcome"].isin(FINISHED)]
    whole = float((ended if len(ended) else runs)["steps"].max())
    if not whole > 0:
        return None
    lower = field.endswith(LOGARITHMIC) or ("metric" in runs and bool(less_is_better(runs).all()))
    sign = -1.0 if lower else 1.0
    good = curves[np.isfinite(curves[field])].sort_values([*RUN, "step"], kind="stable")
    values = good[field].to_numpy(dtype=float)
    of_run = list(zip(*(good[name].tolist() for name in RUN), strict=True))
    starts = [place for place, run in enumerate(of_run) if not place or run != of_run[place - 1]]
    ranges = {of_run[a]: slice(a, b) for a, b in pairwise([*starts, len(of_run)])}
    finished = set(zip(*(ended[name].tolist() for name in RUN), strict=True))
    usable = {run: at for run, at in ranges.items() if run in finished}
    levels = None
    if usable:
        best = sign * max(float((sign * values[at]).max()) for at in usable.values())
        # halves, since the sum of two middle ones may be more than a number can be
        levels = _levels(2 * float(np.median(values[starts] / 2)), best, targets, sign, field)

    def met(at: np.ndarray, run: tuple[Any, ...]) -> np.ndarray:
        if levels is None or run not in usable:
            return np.full(targets, np.inf)
        return crossings(at[usable[run]], values[usable[run]], levels, lower)

    steps, gradients = (good[name].to_numpy(dtype=float) for name in ("step", "gradients"))
    runs_of = {
        str(candidate): list(zip(*(rows[name].tolist() for name in RUN), strict=True))
        for candidate, rows in runs.groupby("candidate", sort=False)
    }
    times = {"step": {name: np.stack([met(steps, run) for run in each]) for name, each in runs_of.items()}}
    times["gradients"] = times["step"]
    if not np.array_equal(steps, gradients):
        times["gradients"] = {
            name: np.stack([met(gradients, run) for run in each]) for name, each in runs_of.items()
        }
    costs = runs.groupby("candidate", sort=False)["seconds_per_step"].max()
    return Crossed(times, {str(name): float(cost) for name, cost in costs.items()}, whole)


def _field(runs: "pd.DataFrame", curves: "pd.DataFrame") -> str | None:
    """The field of a measurement that targets are about."""
    named = [str(name) for name in runs["target_metric"].dropna() if name]
    wanted = ([field_of(named[0])] if named else []) + ["validation_metric", "validation_loss", "train_loss"]
    return next((name for name in wanted if name in curves and curves[name].notna().any()), None)


def _levels(first: float, best: float, targets: int, sign: float, field: str) -> np.ndarray | None:
    """Targets from the easiest to the hardest; None where no run became better than the start."""
    if not sign * best > sign * first:
        return None
    shares = np.arange(1, targets + 1) / targets
    # rounding must not move a target out of reach: of logarithms a share of each level
    if field.endswith(LOGARITHMIC) and best > 0:
        return np.asarray(np.exp((1 - shares) * np.log(first) + shares * np.log(best)) * (1 + 1e-12))
    return (1 - shares) * first + shares * best - sign * abs(1e-12 * best - 1e-12 * first)


def _thinned(hits: np.ndarray, points: int) -> np.ndarray:
    """0 and the budgets at which anything was reached: all of them, or evenly chosen ones with the first and last."""
    budgets = np.unique(hits[np.isfinite(hits)])
    if len(budgets) > points - 1:
        budgets = budgets[np.unique(np.linspace(0, len(budgets) - 1, points - 1).round().astype(int))]
    return np.concatenate([[0.0], budgets[budgets > 0]]) if len(budgets) else np.array([0.0, 1.0])
