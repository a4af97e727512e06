"""What the tuning trials gave: at which rate, by which result."""

import json
import math
from functools import lru_cache

import numpy as np
import pandas as pd

from optbench.contract.metric import lower_is_better
from optbench.report import frames
from optbench.trials.confirmation import confirming
from optbench.trials.trial import FINISHED

#: what tuning trials are judged by, the first that has a value
JUDGED = ("final_validation_metric", "final_validation_loss", "final_train_loss")


def trials_of(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials of searches, a setting each. Those that confirm one of them on a further seed tried nothing new."""
    return trials[(trials["phase"] == "tune") & ~trials["seed"].map(confirming)] if len(trials) else trials


def results(trials: pd.DataFrame) -> pd.DataFrame:
    """Columns workload, candidate, result, lower, what, rate; workload by workload.

    result   higher is better, NaN without a result; lower: whether its sign was turned for that; what: it is in words
    """
    rows = trials_of(trials)
    parts = []
    for _, at in rows.groupby("workload", sort=False) if len(rows) else ():
        column = judged_by(at)
        if column is None:
            continue
        lower = lower_is_better(frames.with_own_name(column, at))
        values = results_in(at, column) * (-1 if lower else 1)
        what = result_words(at, column)
        parts.append(at[["workload", "candidate"]].assign(result=values, lower=lower, what=what, rate=rates(at)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def judged_by(trials: pd.DataFrame) -> str | None:
    """The column that tuning trials of one workload are judged by: the first of `JUDGED` that has a value."""
    return next((column for column in JUDGED if frames.has_values(trials, column)), None)


def results_in(trials: pd.DataFrame, column: str) -> pd.Series:
    """The numbers of a column; NaN where a trial failed or the number is not finite."""
    values = trials[column].astype(float)
    return values.where(np.isfinite(values) & trials["outcome"].isin(FINISHED))


def result_words(trials: pd.DataFrame, column: str) -> str:
    """What the numbers of that column are, in words: validation accuracy."""
    kind = str(trials["metric"].iloc[0]) if "metric" in trials and column.endswith("_metric") else ""
    return frames.words(f"validation_{kind}" if kind else column.removeprefix("final_"))


def rates(trials: pd.DataFrame) -> pd.Series:
    """Each trial's learning rate: the outermost optimizer.*lr; NaN where it has none."""
    if not len(trials) or "hyperparameters" not in trials:
        return pd.Series(np.nan, index=trials.index, dtype=float)
    return trials["hyperparameters"].map(_rate).astype(float)


@lru_cache(1 << 17)  # several figures and tables ask for the same trials
def _rate(text: object) -> float:
    try:
        settings = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return math.nan
    paths = [p for p in settings if p.startswith("optimizer.") and p.rsplit(".", 1)[-1] == "lr"]
    value = settings[min(paths, key=lambda p: p.count("."))] if paths else math.nan
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
