"""Times to the targets of a ladder, from the tables of trials and of curves, as pairs of seeds.

How runs without a result and misses count is said in `pairs`. A time is that of the crossing between measurements
(`crossing`), and no less than one step: nothing is trained before the first, and logarithms of fractions of it would
outweigh everything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.metric import field_of, lower_is_better
from optbench.statistics.cells import cells, final_runs, without_variants
from optbench.statistics.held_out import disqualified
from optbench.statistics.ladder import EARLIEST, MET, RUNGS, Curve, ladder
from optbench.statistics.pairs import TIMES, Paired, beyond, by_study
from optbench.trials.crossing import crossings
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

#: what a time is read off; seconds are steps times their cost
AXES = {"steps": "step", "gradients": "gradients", "epochs": "epoch", "seconds": "step"}


@dataclass(frozen=True)
class Ladder:
    """The targets of a workload: a metric, such as train_loss, and levels from the easiest to the hardest."""

    metric: str
    levels: tuple[float, ...]

    @property
    def lower(self) -> bool:
        return lower_is_better(self.metric)


def workload_ladder(
    trials: "pd.DataFrame",
    curves: "pd.DataFrame",
    workload: str,
    metric: str = "train_loss",
    rungs: int = RUNGS,
    met: float = MET,
    earliest: float = EARLIEST,
) -> Ladder:
    """The ladder of a workload by the procedure of `ladder`, from final runs of the tables' candidates: references."""
    runs = final_runs(trials)
    runs = runs[runs["workload"] == workload]
    ended = runs.set_index("key")["outcome"].isin(FINISHED)
    found = _by_key(curves, workload)
    field = field_of(metric)
    series = [
        Curve(found[key]["step"].to_numpy(dtype=float), found[key][field].to_numpy(dtype=float), bool(good))
        for key, good in ended.items()
        if key in found
    ]
    levels = ladder(series, lower_is_better(metric), rungs, met, earliest)
    return Ladder(metric, tuple(float(level) for level in levels))


def rung_times(
    runs: "pd.DataFrame", curves: "pd.DataFrame", workload: str, ladder: Ladder, by: str = "steps"
) -> np.ndarray:
    """(runs, targets) of the rows of `runs`, all of one workload: times, infinite for a miss.

    A run that did not end well misses every target, as in `metrics`.
    """
    levels = np.asarray(ladder.levels, dtype=float)
    times = np.full((len(runs), len(levels)), np.inf)
    found = _by_key(curves, workload)
    rows = zip(runs["key"], runs["outcome"].isin(FINISHED), runs["seconds_per_step"], strict=True)
    for i, (key, ended, cost) in enumerate(rows):
        if not ended or key not in found:
            continue
        at = found[key][AXES[by]].to_numpy(dtype=float)
        steps = found[key]["step"].to_numpy(dtype=float)
        values = found[key][field_of(ladder.metric)].to_numpy(dtype=float)
        step = at[-1] / steps[-1] if steps[-1] else 1.0
        times[i] = np.maximum(crossings(at, values, levels, ladder.lower), step)
        if by == "seconds":
            times[i] *= cost
    return times


def ladder_pairs(
    trials: "pd.DataFrame", curves: "pd.DataFrame", ladders: Mapping[str, Ladder], by: str = "steps"
) -> Paired:
    """`seed_pairs` of times to ladders: values (candidates, workloads, seeds, targets), on workloads that have one.

    curves   measurements of the final runs (`Results.measurements("final")`)
    by       steps, gradients, epochs or seconds
    """
    if by not in TIMES:
        raise ValueError(f"by: {by!r}; expected one of {', '.join(TIMES)}")
    runs = final_runs(trials)
    measured = without_variants(curves)
    names = list(dict.fromkeys(runs["candidate"]))
    workloads = [name for name in dict.fromkeys(runs["workload"]) if name in ladders]
    rungs = max((len(ladders[name].levels) for name in workloads), default=1)
    times = np.full((len(runs), rungs), np.nan)
    for name in workloads:
        here = (runs["workload"] == name).to_numpy()
        of_it = rung_times(runs[here], measured, name, ladders[name], by)
        times[here, : of_it.shape[1]] = of_it
    columns: Sequence[np.ndarray] = [cells(runs, _column(runs, t), names, workloads).values for t in times.T]
    values = np.stack(columns, axis=-1)
    failed = disqualified(trials, names, workloads, by)
    values[np.broadcast_to(failed[:, :, None, None], values.shape) & ~np.isnan(values)] = np.inf
    missed = np.isinf(values)
    if values.size:
        values = np.where(missed, beyond(runs, by, names, workloads)[:, :, None, None], values)
    return by_study(Paired(names, workloads, np.log(values), missed, True), runs)


def _column(runs: "pd.DataFrame", values: np.ndarray) -> "pd.Series":
    import pandas as pd

    return pd.Series(values, index=runs.index)


def _by_key(curves: "pd.DataFrame", workload: str) -> dict[str, "pd.DataFrame"]:
    rows = curves[(curves["workload"] == workload) & (curves["phase"] == "final")]
    return {str(key): group for key, group in rows.sort_values(["key", "step"], kind="stable").groupby("key")}
