"""What the figures ask of the tidy frames: who takes part, in which order, which trials count."""

import json
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from optbench.report.style import Styles, candidate_styles
from optbench.statistics.cells import without_variants

LOWER_IS_BETTER = ("loss",)


def finals(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials on fresh seeds, which alone are reported; held-out variants have a table of their own."""
    return without_variants(trials[trials["phase"] == "final"]) if len(trials) else trials


def tuned(trials: pd.DataFrame) -> pd.DataFrame:
    """The tuning trials, which settings were selected on."""
    return trials[trials["phase"] == "tune"] if len(trials) else trials


def names(frame: pd.DataFrame, column: str, order: Sequence[str] | None = None) -> list[str]:
    """The values of a column: in the given order where they are in it, then as they come."""
    present = frame[column].unique().tolist() if len(frame) else []
    if order is None:
        return present
    known = [n for n in order if n in set(present)]
    return known + [n for n in present if n not in set(known)]


def complete(styles: Styles | None, candidates: Sequence[str]) -> Styles:
    """Styles for all candidates: the given ones, and for others as if they came after those."""
    given = dict(styles or {})
    extended = candidate_styles([*given, *candidates])
    return {**extended, **given}


def has_values(frame: pd.DataFrame, column: str) -> bool:
    """Whether there is any number in the column."""
    return len(frame) > 0 and column in frame and bool(frame[column].notna().any())


def lower_is_better(metric: str) -> bool:
    """Whether less of this metric is better: losses are, accuracies and R^2 are not."""
    return metric.endswith(LOWER_IS_BETTER)


def curve_column(metric: str) -> str:
    """The field of a measurement that holds a target's metric: validation_accuracy is a validation_metric.

    >>> curve_column("validation_accuracy"), curve_column("train_loss")
    ('validation_metric', 'train_loss')
    """
    split, _, kind = metric.partition("_")
    return metric if kind in ("loss", "metric") else f"{split}_metric"


def target_of(trials: pd.DataFrame, workload: str) -> tuple[str, float] | None:
    """(metric, value) of a workload's target, where it has one."""
    if not len(trials) or "target_metric" not in trials:
        return None
    rows = trials[(trials["workload"] == workload) & trials["target_metric"].notna()]
    rows = rows[rows["target_metric"] != ""]
    if not len(rows):
        return None
    return str(rows["target_metric"].iloc[0]), float(rows["target_value"].iloc[0])


def shown_metric(trials: pd.DataFrame, curves: pd.DataFrame, workload: str) -> str:
    """What a workload's learning curves show: its target's metric, else the best that was measured."""
    target = target_of(trials, workload)
    if target is not None:
        return target[0]
    rows = curves[curves["workload"] == workload]
    for column in ("validation_metric", "validation_loss", "train_metric"):
        if has_values(rows, column):
            return column
    return "train_loss"


def median_steps(trials: pd.DataFrame, value: str = "steps_to_target") -> pd.DataFrame:
    """Median over the final runs of a time to target: candidates x workloads, inf where more than half missed.

    NaN where a workload has no target or a candidate no run.
    """
    rows = finals(trials)
    if not has_values(rows, value):
        return pd.DataFrame(dtype=float)
    with np.errstate(invalid="ignore"):  # the mean of two infinite middle values
        table = rows.groupby(["candidate", "workload"], sort=False)[value].median().unstack("workload")
    return table.dropna(axis=1, how="all")


def rates(trials: pd.DataFrame) -> pd.Series:
    """Each trial's learning rate: the outermost optimizer.*lr; NaN where it has none."""

    def rate(text: object) -> float:
        try:
            settings = json.loads(text) if isinstance(text, str) else {}
        except ValueError:
            return math.nan
        paths = [p for p in settings if p.startswith("optimizer.") and p.rsplit(".", 1)[-1] == "lr"]
        value = settings[min(paths, key=lambda p: p.count("."))] if paths else math.nan
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan

    if not len(trials) or "hyperparameters" not in trials:
        return pd.Series(np.nan, index=trials.index, dtype=float)
    return trials["hyperparameters"].map(rate).astype(float)


def words(name: str) -> str:
    """A metric's name in words: validation_accuracy -> validation accuracy."""
    return name.removeprefix("metric.").replace("_r2", " R²").replace("_", " ")
