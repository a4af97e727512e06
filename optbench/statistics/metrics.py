"""What tables call things: columns, metrics by any of their names, and whether lower or higher is better."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from optbench.contract.dataset import CLASSIFYING
from optbench.contract.errors import OptbenchError
from optbench.contract.metric import KNOWN, lower_is_better
from optbench.trials.trial import SPLITS, TO_TARGET

if TYPE_CHECKING:
    import pandas as pd

Direction = Literal["lower", "higher"]
ID = ("workload", "candidate", "phase", "study", "number", "seed", "key")
KINDS = {
    "optimizer": "optimizer",
    "schedule": "schedule",
    "initializer": "initializer",
    "normalizer": "normalizers",
    "regularizer": "regularizers",
}
FINAL = tuple(f"final_{split}_{what}" for split in SPLITS for what in ("loss", "metric"))
#: the columns of the trials' table, before those of each target of a ladder (`rung_column`) and one `metric.NAME` for
#: each number that runs recorded
TRIAL_COLUMNS = (
    *(*ID, "outcome", *KINDS, "hyperparameters", "selected"),
    *("steps", "epochs", "gradients", "seconds", "target_metric", "target_value"),
    *(*TO_TARGET, "seconds_per_step", *FINAL, "generalization_gap", "metric", "variant_of", "message", "traceback"),
)
#: what a target can be about; further a problem's own metric, such as validation_latency:lower:ms
TARGETS = tuple(f"{split}_{name}" for split in ("train", "validation") for name in ("loss", *KNOWN))


def rung_column(name: str, rung: int) -> str:
    """The column of the times to one target of a ladder, the easiest of which is number 0: steps_to_target.1."""
    return f"{name}.{rung + 1}"


def column(metric: str) -> str:
    """The trials' column of a metric by any of its names: final_test_accuracy is final_test_metric."""
    head, _, last = metric.rpartition("_")
    return f"{head}_metric" if head.startswith("final_") and last in KNOWN else metric


def direction(metric: str, rows: "pd.DataFrame | None" = None) -> Direction | None:
    """Whether lower or higher values of a metric are better; None where its name does not say (metric.NAME).

    rows   runs of one workload, whose metric may be a problem's own, of which less is better
    """
    name = column(metric)
    if name in FINAL and name.endswith("metric") and rows is not None and len(rows):
        return "lower" if lower_is_better(str(rows["metric"].iloc[0])) else "higher"
    if name in ("solved", *(f for f in FINAL if f.endswith("metric"))):
        return "higher"
    if name in (
        *FINAL,
        *TO_TARGET,
        "generalization_gap",
        "steps",
        "epochs",
        "gradients",
        "seconds",
        "seconds_per_step",
    ):
        return "lower"
    return None


def metric_name(workload: Mapping[str, Any]) -> str:
    """What the metric of a workload is: accuracy, r2, score, or value where there is only a loss.

    A problem of one's own says it, and may have one of its own (`optbench.contract.metric`). An analytic function has
    only a loss, its value.
    A squared error fits any task: there the target says it, or else the dataset, where it is installed.
    """
    if workload.get("function") is not None:
        return "value"
    if workload.get("problem") is not None:
        return str(workload.get("metric") or "value")
    if workload.get("loss") != "mean_squared_error":
        return "r2" if workload.get("loss") == "reconstruction_cross_entropy" else "accuracy"
    told = str((workload.get("target") or {}).get("metric", "")).rpartition("_")[2]
    return told if told in ("accuracy", "r2") else _metric_of_data(workload.get("dataset"))


def _metric_of_data(dataset: Any) -> str:
    from optbench.registry.registry import registry

    if isinstance(dataset, Mapping):
        with suppress(OptbenchError):
            return "accuracy" if registry().create("datasets", dict(dataset)).task in CLASSIFYING else "r2"
    return "r2"


def less_is_better(trials: "pd.DataFrame") -> "pd.Series":
    """(runs,) whether less of what runs are compared by at the end is better: of losses, and of what says so."""
    kinds = trials["metric"]
    return kinds.isin([kind for kind in kinds.unique() if kind == "value" or lower_is_better(str(kind))])


def unit_of(metric: str, rows: "pd.DataFrame") -> str:
    """What differences of a metric (a column) on these runs' workload are told in; of a further number nothing."""
    if metric in TO_TARGET:
        return metric.removesuffix("_to_target")
    kind = str(rows["metric"].iloc[0])
    if metric.endswith("_loss"):
        return "loss"
    if metric.endswith("_metric") or (metric == "generalization_gap" and kind != "value"):
        return kind
    return "loss" if metric == "generalization_gap" else ""
