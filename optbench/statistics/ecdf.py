"""Runtime profiles: the share of many targets that are reached within a budget, as COCO shows them."""

from typing import TYPE_CHECKING, Literal

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
    import pandas as pd

    if by not in ("steps", "gradients", "seconds"):
        raise ValueError(f"by: {by!r}; steps, gradients or seconds was expected")
    runs = final_runs(trials)
    measured = final_runs(curves) if len(curves) else curves
    names = list(dict.fromkeys(runs["candidate"]))
    hits: dict[str, list[np.ndarray]] = {name: [] for name in names}
    weights: dict[str, list[np.ndarray]] = {name: [] for name in names}
    workloads = 0
    for workload, rows in runs.groupby("workload", sort=False):
        reached = _reached(rows, measured[measured["workload"] == workload], targets, by)
        if reached is None:
            continue
        workloads += 1
        for name, times in reached.items():
            hits[str(name)].append(times)
            weights[str(name)].append(np.full(len(times), 1 / len(times)))
    names = [name for name in names if hits[name]]
    if not names:
        return pd.DataFrame(columns=list(COLUMNS))
    joined = {name: np.concatenate(hits[name]) for name in names}
    budgets = _thinned(np.concatenate(list(joined.values())), points)
    parts = []
    for name in names:
        order = np.argsort(joined[name], kind="stable")
        total = np.concatenate([[0.0], np.cumsum(np.concatenate(weights[name])[order])]) / workloads
        share = total[np.searchsorted(joined[name][order], budgets, side="right")]
        parts.append(pd.DataFrame({"candidate": name, "budget": budgets, "share": np.minimum(share, 1.0)}))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _reached(
    runs: "pd.DataFrame", curves: "pd.DataFrame", targets: int, by: str
) -> dict[str, np.ndarray] | None:
    """Budgets at which each candidate's runs on one workload met its targets, infinite for a miss; None: no curves."""
    field = _field(runs, curves)
    if field is None:
        return None
    import pandas as pd

    costs = runs.groupby("candidate", sort=False)["seconds_per_step"].max()
    ended = runs[runs["outcome"].isin(FINISHED)]
    whole = float((ended if len(ended) else runs)["steps"].max())
    if not whole > 0:
        return None
    lower = field.endswith(LOGARITHMIC) or bool(less_is_better(runs).all())
    sign = -1.0 if lower else 1.0
    good = curves[np.isfinite(curves[field])].sort_values([*RUN, "step"], kind="stable")
    first = good.groupby(RUN, sort=False)[field].first()
    kept = pd.MultiIndex.from_frame(good[RUN]).isin(pd.MultiIndex.from_frame(ended[RUN]))
    usable = good[kept]
    levels = None
    if len(usable):
        best = sign * float((sign * usable[field]).max())
        # halves, since the sum of two middle ones may be more than a number can be
        levels = _levels(2 * float((first / 2).median()), best, targets, sign, field)
    unit = {"steps": whole, "gradients": whole, "seconds": whole * float(costs.min())}[by]
    values = usable[field].to_numpy()
    spent = usable["gradients" if by == "gradients" else "step"].to_numpy(dtype=float)
    places = usable.groupby(RUN, sort=False).indices
    reached: dict[str, np.ndarray] = {}
    for candidate, rows in runs.groupby("candidate", sort=False):
        cost = float(costs[candidate]) if by == "seconds" else 1.0
        if not np.isfinite(cost):
            continue
        times = np.full((len(rows), targets), np.inf)
        for i, run in enumerate(rows[RUN].itertuples(index=False, name=None)):
            at = places.get(run)
            if at is not None and levels is not None:
                times[i] = crossings(spent[at], values[at], levels, lower) * cost / unit
        reached[str(candidate)] = times.ravel()
    return reached


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
