"""A workload's targets from the runs of its tuned baselines: a ladder on a smooth metric.

Each baseline is tuned by its final value (not by the time to targets, which are what is looked for) and trained again
on fresh seeds. The hardest target is what nine of ten of these runs reach, a run without a result counting as the
worst; the easier ones are what the median of them has at times that are even in the logarithm, from 0.3 of the time to
the hardest on (`optbench.statistics.ladder`). Levels are rounded to three figures, to the easier side.

The metric is the workload's own where that is a loss, else the training loss: accuracy on some hundred examples moves
in steps, and is met before training has gone far. Dahl et al. 2023 (AlgoPerf, arXiv:2306.07179) set targets from
reseeded runs of the best-tuned baselines, too: one lucky run would ask for what nobody can repeat.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.errors import OptbenchError, near
from optbench.contract.metric import field_of, lower_is_better
from optbench.statistics.rungs import workload_ladder
from optbench.suite import Suite, Target, Workload, metric_of, target_metrics
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

    from optbench.registry.registry import Registry

PROCEDURE = "what 90 % of the fresh seeds of the tuned baselines reach, and their median from 0.3 of that time on"
#: figures of a level
FIGURES = 3
#: a loss below this is 0 to all ends
LEAST_LOSS = 1e-12


@dataclass(frozen=True)
class Computed:
    """Computed targets of one workload.

    ladder    levels from the easiest to the hardest
    median    of the final values of `runs` runs, before rounding
    reached   share of the runs that meet the hardest at some evaluation
    """

    workload: str
    metric: str
    ladder: tuple[float, ...]
    median: float
    reached: float
    runs: int
    candidates: tuple[str, ...]
    seeds: int


def prepared(suite: Suite, registry: "Registry", metric: str | None = None) -> Suite:
    """The suite whose run gives targets: tuned by final values, each workload with a smooth metric to compute them in.

    metric   of all workloads; None: their own where that is a loss, else train_loss. OptbenchError where one lacks it.
    """
    workloads = []
    for workload in suite.workloads:
        valid = target_metrics(metric_of(workload, registry))
        if metric is not None and metric not in valid:
            raise OptbenchError(f"--metric {metric}: {workload.name} has none of this name; {near(metric, valid)}")
        own = workload.target.metric if workload.target is not None else ""
        chosen = metric or (own if own.endswith("_loss") else "train_loss")
        workloads.append(workload.model_copy(update={"target": Target(metric=chosen, value=0.0)}))
    tuning = suite.tuning.model_copy(update={"select": "final"})
    return suite.model_copy(update={"workloads": tuple(workloads), "tuning": tuning, "claims": (), "topics": ()})


def compute(workload: Workload, trials: "pd.DataFrame", curves: "pd.DataFrame", order: Sequence[str] = ()) -> Computed:
    """The targets of one workload from final runs (`Results.trials` and `Results.curves`); `order` of candidates.

    OptbenchError where fewer than nine of ten runs ended well, or nothing was learned.
    """
    assert workload.target is not None
    metric, higher = workload.target.metric, workload.target.higher
    runs = trials[(trials["phase"] == "final") & (trials["workload"] == workload.name)]
    worst = -math.inf if higher else math.inf
    ended = runs["outcome"].isin(FINISHED)
    field = field_of(metric)
    finals = runs[f"final_{field}"].astype(float).where(ended, worst).fillna(worst).to_numpy()
    try:
        levels = workload_ladder(trials, curves, workload.name, metric).levels
    except ValueError as error:
        raise OptbenchError(f"{workload.name}: {error}") from None
    rounded = tuple(dict.fromkeys(readable(level, metric) for level in levels))
    measured = curves[(curves["phase"] == "final") & (curves["workload"] == workload.name)]
    best = measured.groupby("key")[field].agg("max" if higher else "min").reindex(runs["key"]).to_numpy()
    met = ended.to_numpy() & (best >= rounded[-1] if higher else best <= rounded[-1])
    return Computed(
        workload.name,
        metric,
        rounded,
        float(np.median(finals)),
        float(np.mean(met)),
        len(runs),
        tuple(dict.fromkeys([*(name for name in order if name in set(runs["candidate"])), *runs["candidate"]])),
        int(runs["seed"].nunique()),
    )


def readable(value: float, metric: str) -> float:
    """A round value on the easier side of this one: 0.95831 -> 0.958 of an accuracy, 0.10342 -> 0.104 of a loss."""
    lower = lower_is_better(metric)
    if metric.endswith("_loss"):
        value = max(value, LEAST_LOSS)
    elif value == 0:
        return 0.0
    digits = math.floor(math.log10(abs(value))) - FIGURES + 1
    # through a text, so that 95 hundredths are 0.95 and not 0.9500000000000001
    share = value / 10.0**digits
    whole = math.ceil(share - 1e-9) if lower else math.floor(share + 1e-9)
    return float(f"{whole}e{digits}")


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
