"""When each run met each of a workload's targets: the first is the target, further ones are easier or harder."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.metrics import TARGETS
from optbench.trials.trial import FINISHED, TO_TARGET

if TYPE_CHECKING:
    import pandas as pd

ID = ("workload", "candidate", "study", "seed")
COLUMNS = (*ID, "target_metric", "target_value", "main", *TO_TARGET)


def target_times(
    suite: Mapping[str, Any], trials: "pd.DataFrame", curves: "pd.DataFrame"
) -> "pd.DataFrame":
    """One row a final run and target of its workload, from the suite as run and the tables of its results.

    main   whether it is *the* target, which every other table means
    Times are those of the first evaluation that meets the target, infinite for a miss, as in `tables`: only
    a run that ended well can meet one.
    """
    import pandas as pd

    final = trials[trials["phase"] == "final"]
    measured = curves[curves["phase"] == "final"]
    parts = []
    for workload in suite.get("workloads", []):
        target = workload.get("target")
        runs = final[final["workload"] == workload["name"]]
        if target is None or not len(runs):
            continue
        field = TARGETS[target["metric"]]
        rows = measured[measured["workload"] == workload["name"]].sort_values(["key", "step"], kind="stable")
        for value in (target["value"], *target.get("further", ())):
            met = rows[rows[field] <= value] if field.endswith("loss") else rows[rows[field] >= value]
            first = met.groupby("key")[["step", "gradients", "epoch"]].first().reindex(runs["key"]).astype(float)
            first[~runs["outcome"].isin(FINISHED).to_numpy()] = np.nan
            steps, gradients, epochs = first.fillna(np.inf).to_numpy().T
            with np.errstate(invalid="ignore"):  # no steps at no cost
                seconds = steps * runs["seconds_per_step"].to_numpy()
            times = dict(zip(TO_TARGET, (steps, gradients, epochs, seconds), strict=True))
            named = {"target_metric": target["metric"], "target_value": value, "main": value == target["value"]}
            parts.append(runs[list(ID)].assign(**named, **times))
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]
