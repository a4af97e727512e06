"""What figures, tables and sections ask of the tidy frames: who takes part, in which order, which trials count."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from optbench.contract.metric import labelled
from optbench.language import gettext as _
from optbench.statistics.cells import without_variants


def finals(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials on fresh seeds, which alone are reported; held-out variants have a table of their own."""
    return without_variants(trials[trials["phase"] == "final"]) if len(trials) else trials


def names(frame: pd.DataFrame, column: str, order: Sequence[str] | None = None) -> list[str]:
    """The values of a column: in the given order where they are in it, then as they come."""
    present = frame[column].unique().tolist() if len(frame) else []
    if order is None:
        return present
    known = [n for n in order if n in set(present)]
    return known + [n for n in present if n not in set(known)]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dicts by column."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def has_values(frame: pd.DataFrame, column: str) -> bool:
    """Whether there is any number in the column."""
    return len(frame) > 0 and column in frame and bool(frame[column].notna().any())


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
            return with_own_name(column, trials[trials["workload"] == workload])
    return "train_loss"


def with_own_name(column: str, trials: pd.DataFrame) -> str:
    """A column of runs on one workload, by the name of its problem's own metric if it is that: train_latency:lower."""
    kind = str(trials["metric"].iloc[0]) if len(trials) and "metric" in trials else ""
    return column.removesuffix("metric") + kind if ":" in kind and column.endswith("_metric") else column


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


def words(name: str) -> str:
    """A metric's name in words: validation_accuracy -> validation accuracy."""
    return _(labelled(name.removeprefix("metric.")))
