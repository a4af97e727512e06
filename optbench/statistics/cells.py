"""The trials' table as arrays (candidates, workloads, seeds), and how runs without a result count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.bootstrap import medians
from optbench.statistics.metrics import direction, less_is_better
from optbench.trials.trial import FINISHED, SPLITS

if TYPE_CHECKING:
    import pandas as pd

#: columns that no statistic reads
TEXTS = ("hyperparameters", "message", "traceback")


@dataclass(frozen=True)
class Cells:
    """Values by candidate, workload and seed; NaN where there is no run.

    Seeds stand in the same place for all candidates, so that resampling a place keeps them paired.
    """

    candidates: list[str]
    workloads: list[str]
    values: np.ndarray


def final_runs(trials: "pd.DataFrame") -> "pd.DataFrame":
    """The runs on fresh seeds: those that are reported, without their `TEXTS`.

    Held-out variants are told by themselves (`held_out`).
    """
    trials = light(trials)
    final = trials["phase"] == "final"
    return trials[final & trials["variant_of"].isna() if "variant_of" in trials else final]


def light(trials: "pd.DataFrame") -> "pd.DataFrame":
    """Without their `TEXTS`, which take longer to be copied than all numbers."""
    return trials.drop(columns=[name for name in TEXTS if name in trials])


def without_variants(trials: "pd.DataFrame") -> "pd.DataFrame":
    """Without the runs on held-out variants, where a table knows of any."""
    return trials[trials["variant_of"].isna()] if "variant_of" in trials else trials


def cells(runs: "pd.DataFrame", values: "pd.Series", candidates: list[str], workloads: list[str]) -> Cells:
    """`values`, aligned with `runs`, as an array. Of a seed that was run twice the last counts."""
    (array,) = arrays(runs, [values], candidates, workloads)
    return Cells(candidates, workloads, array)


def arrays(
    runs: "pd.DataFrame", columns: "Sequence[pd.Series]", candidates: list[str], workloads: list[str]
) -> list[np.ndarray]:
    """The values of `cells` for several columns: which run stands where is found once for all."""
    import pandas as pd

    chosen = runs["workload"].isin(workloads)
    places = pd.MultiIndex.from_frame(runs.loc[chosen, ["workload", "study", "seed"]])
    place = places.drop_duplicates()
    order = pd.Series(range(len(place)), index=place)
    number = order.groupby(level="workload").rank(method="first").astype(int) - 1
    shape = (len(candidates), len(workloads), int(number.max()) + 1 if len(number) else 0)
    at = (
        pd.Index(candidates).get_indexer(pd.Index(runs.loc[chosen, "candidate"])),
        pd.Index(workloads).get_indexer(pd.Index(runs.loc[chosen, "workload"])),
        number.reindex(places).to_numpy(),
    )
    found = [np.full(shape, np.nan) for _ in columns]
    for array, values in zip(found, columns, strict=True):
        array[at] = values[chosen].to_numpy(dtype=float)
    return found


def of_studies(runs: "pd.DataFrame", column: str) -> "pd.DataFrame":
    """`runs` with one row a study where a workload has several: its median of `column` over seeds, misses infinite.

    All runs of a study share the setting that it selected, so that the study is the independent witness, not each of
    its seeds. A candidate's time is then the median over studies of what the best trial of each takes (AlgoPerf, Dahl
    et al. 2023), and its interval speaks of tuning's luck, too. With one study, seeds are all there is.
    """
    import pandas as pd

    several = runs.groupby("workload")["study"].transform("nunique") > 1
    if not several.any():
        return runs
    groups = runs[several].groupby(["workload", "candidate", "study"], sort=False)
    rows = groups.head(1).set_index(["workload", "candidate", "study"])
    rows[column] = groups[column].agg(lambda times: float(medians(times.to_numpy(dtype=float))))
    return pd.concat([runs[~several], rows.reset_index().assign(seed=0)[list(runs.columns)]])


def with_failures(trials: "pd.DataFrame", column: str, sense: str | None = None) -> "pd.Series":
    """A column in which runs that ended badly, or with an infinite value, count as the worst.

    The worst is the worst finite value of any run on the same workload; for accuracy and R^2 at most 0, since all of
    a pool may do well but the one that diverged. NaN where there is no finite value, and for runs that ended
    well without having this one. A metric.NAME that a failed run did record (how far its first activations exploded) is
    its own. `sense` is "lower" or "higher"; None: as the metric's name says.
    """
    own = sense is None and column.startswith("final_") and column.endswith("_metric") and "metric" in trials
    sense = sense or direction(column) or "lower"
    values = trials[column].astype(float)
    finite = values.where(np.isfinite(values))
    grouped = finite.groupby(trials["workload"])
    worst = grouped.transform("max" if sense == "lower" else "min")
    if column.startswith("final_") and column.endswith("_metric") and sense == "higher":
        worst = worst.clip(upper=0.0).fillna(0.0)
    if own and (less := less_is_better(trials)).any():
        worst = worst.where(~less, grouped.transform("max"))
    failed = ~trials["outcome"].isin(FINISHED)
    if column.startswith("metric."):
        failed &= finite.isna()
    return finite.where(~(failed | np.isinf(values)), worst)


def final_values(trials: "pd.DataFrame") -> "pd.Series":
    """What a workload's runs are compared by at the end: the metric, or the loss where there is no metric (of an
    analytic function its value above the minimum), each of the test split, else of the validation split, else of
    training: the first that is measured there. Failures count as the worst."""
    metric, loss = (_held_out(trials, what) for what in ("metric", "loss"))
    return metric.where(trials["metric"] != "value", loss)


def _held_out(trials: "pd.DataFrame", what: str) -> "pd.Series":
    """Loss or metric at the end, of the last of SPLITS on which any run on the workload has one."""
    columns = (f"final_{split}_{what}" for split in SPLITS)
    first, *others = (column for column in columns if column in trials)
    found = with_failures(trials, first)
    for column in others:
        measured = trials[column].notna().groupby(trials["workload"]).transform("any")
        found = with_failures(trials, column).where(measured, found)
    return found


def normalized(trials: "pd.DataFrame") -> "pd.Series":
    """Final values on one scale from 0 (worst) to 1 (best), so that workloads can be pooled.

    Accuracy and R^2 are such a scale; R^2 below 0, worse than the mean, counts 0. Where there is only a loss it is
    placed between the worst and the best run on the workload by its logarithm (a loss below 1e-12 counts as that),
    and so are a score and a problem's own metric, as they are, which depends on who takes part. A run without a result
    is 0.
    """
    values = final_values(trials)
    alone = trials["metric"] == "value"
    sizes = values.where(~less_is_better(trials), -values).where(~alone, -np.log10(values.clip(lower=1e-12)))
    grouped = sizes.groupby(trials["workload"])
    low, high = grouped.transform("min"), grouped.transform("max")
    with np.errstate(invalid="ignore", divide="ignore"):
        placed = ((sizes - low) / (high - low)).where(high > low, 1.0)
    ended = trials["outcome"].isin(FINISHED)
    return values.clip(0, 1).where(trials["metric"].isin(("accuracy", "r2")), placed).where(ended, 0.0).fillna(0.0)
