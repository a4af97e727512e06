"""A workload's target from the runs of its tuned baselines.

Each baseline is tuned by its final value (not by steps to a target, which is what is looked for) and trained again on
fresh seeds. The target is the median over all these runs of what they have at the end of the budget, a run without a
result counting as the worst, rounded to the easier side, and made easier still until most of them reach it on the way.
Further targets are the quartiles, by the same rounding: an easier one and a harder one.

Dahl et al. 2023 (AlgoPerf, arXiv:2306.07179) set targets from reseeded runs of the best-tuned baselines, too: one
lucky run would ask for what nobody can repeat.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.statistics.metrics import TARGETS
from optbench.suite import Suite, Target, Workload, target_metrics, task_of
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

    from optbench.registry.registry import Registry

PROCEDURE = "median over fresh seeds of the tuned baselines at the end of the budget, rounded to what most reach"
#: grids of rounding: shares by hundredths, those near 1 by thousandths; losses to two figures
GRID, FINE, NEAR_ONE = 0.01, 0.001, 0.99
#: a loss below this is 0 to all ends
LEAST_LOSS = 1e-12
#: so many steps of a grid at most until most runs reach a target
MOST_STEPS = 1000


@dataclass(frozen=True)
class Computed:
    """A computed target of one workload.

    further   an easier and a harder one, as far as they differ from it
    median    of the final values of `runs` runs, before rounding
    reached   share of the runs that meet the target at some evaluation
    """

    workload: str
    metric: str
    value: float
    further: tuple[float, ...]
    median: float
    reached: float
    runs: int
    candidates: tuple[str, ...]
    seeds: int


def prepared(suite: Suite, registry: "Registry") -> Suite:
    """The suite whose run gives targets: tuned by final values, each workload with a metric to compute one in."""
    workloads = []
    for workload in suite.workloads:
        if workload.target is None:
            metric = target_metrics(None if workload.function else task_of(workload.dataset, registry))[0]
            workload = workload.model_copy(update={"target": Target(metric=metric, value=0.0)})
        workloads.append(workload)
    tuning = suite.tuning.model_copy(update={"select": "final"})
    return suite.model_copy(update={"workloads": tuple(workloads), "tuning": tuning, "claims": (), "topics": ()})


def compute(workload: Workload, trials: "pd.DataFrame", curves: "pd.DataFrame", order: Sequence[str] = ()) -> Computed:
    """The target of one workload from final runs (`Results.trials` and `Results.curves`); `order` of candidates.

    OptbenchError where no more than half of the runs ended well: their median says nothing.
    """
    assert workload.target is not None
    metric = workload.target.metric
    higher = workload.target.higher
    field = TARGETS[metric]
    runs = trials[(trials["phase"] == "final") & (trials["workload"] == workload.name)]
    # A loss is worst at infinity, an accuracy or R^2 at minus infinity: only order counts for a median.
    worst = -math.inf if higher else math.inf
    ended = runs["outcome"].isin(FINISHED)
    finals = runs[f"final_{field}"].astype(float).where(ended, worst).fillna(worst).to_numpy()
    median = float(np.median(finals)) if len(finals) else math.nan
    if not math.isfinite(median):
        raise OptbenchError(f"{workload.name}: most runs of the baselines have no result, so there is no target")
    measured = curves[(curves["phase"] == "final") & (curves["workload"] == workload.name)]
    best = measured.groupby("key")[field].agg("max" if higher else "min").reindex(runs["key"]).to_numpy()
    best = np.where(ended, np.where(np.isnan(best), worst, best), worst)
    value = reachable(median, best, metric)
    quartiles = [q for q in np.quantile(finals, [0.25, 0.75], method="nearest").tolist() if math.isfinite(q)]
    further = {readable(q, metric) for q in quartiles} - {value}
    return Computed(
        workload.name,
        metric,
        value,
        tuple(sorted(further, reverse=not higher)),
        median,
        _share(value, best, higher),
        len(runs),
        tuple(dict.fromkeys([*(name for name in order if name in set(runs["candidate"])), *runs["candidate"]])),
        int(runs["seed"].nunique()),
    )


def reachable(median: float, best: np.ndarray, metric: str) -> float:
    """`median` rounded to the easier side, and on until more than half of the runs' `best` values reach it."""
    higher = not metric.endswith("_loss")
    value = readable(median, metric)
    for _ in range(MOST_STEPS):
        if _share(value, best, higher) > 0.5:
            break
        value = easier(value, metric)
    return value


def readable(value: float, metric: str) -> float:
    """A round value on the easier side of this one: 0.9583 -> 0.95 of an accuracy, 0.1034 -> 0.11 of a loss."""
    if metric.endswith("_loss"):
        value = max(value, LEAST_LOSS)
        grid = 10.0 ** (math.floor(math.log10(value)) - 1)
        return _round(math.ceil(value / grid - 1e-9), grid)
    grid = FINE if value >= NEAR_ONE else GRID
    return _round(math.floor(value / grid + 1e-9), grid)


def easier(value: float, metric: str) -> float:
    """The next round value on the easier side."""
    if metric.endswith("_loss"):
        return readable(value * (1 + 1e-6) + 10.0 ** (math.floor(math.log10(value)) - 1) / 2, metric)
    return readable(value - (FINE if value > NEAR_ONE else GRID) / 2, metric)


def provenance(found: Computed, trials: int, date: str, version: str) -> dict[str, object]:
    """What a suite says of a target's origin; see `optbench.suite.Provenance`."""
    return {
        "procedure": PROCEDURE,
        "date": date,
        "version": version,
        "candidates": list(found.candidates),
        "trials": trials,
        "seeds": found.seeds,
        "quantity": f"final {found.metric}",
        "median": float(f"{found.median:.4g}"),
        "runs": found.runs,
        "reached": round(found.reached, 3),
    }


def _share(value: float, best: np.ndarray, higher: bool) -> float:
    return float(np.mean(best >= value if higher else best <= value)) if len(best) else 0.0


def _round(count: int, grid: float) -> float:
    # through a text, so that 95 hundredths are 0.95 and not 0.9500000000000001
    digits = max(0, -round(math.log10(grid)))
    return float(f"{count * grid:.{digits}f}")


