"""Targets that make times noisy: a metric that moves in steps, or one that is met before training has gone far."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.cautions.common import Caution
from optbench.statistics.cells import final_runs
from optbench.statistics.metrics import rung_column

if TYPE_CHECKING:
    import pandas as pd

#: Fewer evaluations, or steps, up to the hardest target leave the time to chance and to the grid of evaluations: with 6
#: or 7 there is a tenth more noise than with 30, with 3 a sixth or more (docs/statistics.md, What an evaluation reads).
EVALUATIONS, STEPS = 5, 30
MEND = "`optbench targets SUITE --write` computes a ladder on train_loss"


def targets(suite: Mapping[str, Any], trials: "pd.DataFrame") -> Iterator[Caution]:
    """Workloads whose times say little, with what to do; where it holds of all of them, one caution."""
    runs = final_runs(trials)
    messages: dict[str, list[str]] = {}
    workloads = [w["name"] for w in suite.get("workloads", []) if w.get("target") and not w.get("variant_of")]
    for workload in suite.get("workloads", []):
        if workload["name"] in workloads:
            for message in _about(workload, runs[runs["workload"] == workload["name"]]):
                messages.setdefault(message, []).append(workload["name"])
    for message, names in messages.items():
        for name in [""] if len(names) == len(workloads) > 1 else names:
            yield Caution("target", name, "", message)


def _about(workload: Mapping[str, Any], runs: "pd.DataFrame") -> Iterator[str]:
    metric = workload["target"]["metric"]
    if metric.endswith("accuracy"):
        yield f"{metric} moves in steps, which makes times to target noisy: {MEND}"
    times = _hardest(runs)
    met = np.isfinite(times)
    if 2 * met.sum() <= len(times):
        return
    middle = float(np.median(times[met]))
    every = workload.get("evaluate_every")
    if not every:
        epochs = runs["epochs"].to_numpy(dtype=float)
        each = runs["steps"].to_numpy(dtype=float)[epochs > 0] / epochs[epochs > 0]
        every = float(np.median(each)) if len(each) else 1.0
    if metric.startswith("validation"):
        every *= workload.get("validate_every") or 1
    if middle < STEPS:
        yield f"most runs meet the target within {STEPS} steps, where chance decides: {MEND}"
    elif middle < EVALUATIONS * every:
        yield (
            f"most runs meet the target within {EVALUATIONS} evaluations, between which times are only interpolated: "
            "set a smaller evaluate_every, or harder targets"
        )


def _hardest(runs: "pd.DataFrame") -> np.ndarray:
    """(runs,) steps to the hardest target."""
    found = runs["steps_to_target"].to_numpy(dtype=float)
    rung = 0
    while (name := rung_column("steps_to_target", rung)) in runs:
        each = runs[name].to_numpy(dtype=float)
        found = np.where(np.isnan(each), found, each)
        rung += 1
    return found
