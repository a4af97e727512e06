"""When each run met each of a workload's targets: the hardest of its ladder, and easier or harder ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optbench.statistics.pairs import TIMES
from optbench.statistics.rungs import Ladder, rung_times
from optbench.trials.trial import TO_TARGET

if TYPE_CHECKING:
    import pandas as pd

ID = ("workload", "candidate", "study", "seed")
COLUMNS = (*ID, "target_metric", "target_value", "main", *TO_TARGET)


def target_times(
    suite: Mapping[str, Any], trials: "pd.DataFrame", curves: "pd.DataFrame"
) -> "pd.DataFrame":
    """One row a final run and target of its workload, from the suite as run and the tables of its results.

    main   whether it is the target's `value`: the only one, or the hardest of a ladder, whose mean every other table
           means
    Times are those at which the curve crosses the target, infinite for a miss, as in `tables`: only a run that ended
    well can meet one.
    """
    import pandas as pd

    final = trials[trials["phase"] == "final"]
    parts = []
    for workload in suite.get("workloads", []):
        target = workload.get("target")
        runs = final[final["workload"] == workload["name"]]
        if target is None or not len(runs):
            continue
        values = (target["value"], *target.get("further", ()))
        ladder = Ladder(target["metric"], values)
        times = {by: rung_times(runs, curves, workload["name"], ladder, by) for by in TIMES}
        for number, value in enumerate(values):
            each = {f"{by}_to_target": times[by][:, number] for by in TIMES}
            named = {"target_metric": target["metric"], "target_value": value, "main": value == target["value"]}
            parts.append(runs[list(ID)].assign(**named, **each))
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]
