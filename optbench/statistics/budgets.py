"""Rank against the tuning budget: who is ahead with k tuning trials, and from which k on another is.

A method that is good after one trial may be behind one that needs twenty. So candidates are ranked by what a user who
can afford k trials may expect of each: the best of k trials of its search (`best_of.expected_best`), in the mean over
the workloads that all of them were tuned on.
"""

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.best_of import expected_best
from optbench.statistics.cells import normalized, without_variants
from optbench.trials.confirmation import confirming
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

BY = ("steps", "final")
RANKS = ("k", "candidate", "expected", "rank")
CHANGES = ("k", "ahead", "behind")


def budget_ranks(trials: "pd.DataFrame", by: str = "steps") -> "pd.DataFrame":
    """Columns k, candidate, expected (higher is better), rank (1 is the best; of equals the mean).

    From the trials of searches; what confirms a setting on a further seed tried nothing new.

    by   steps: minus the logarithm of the steps to target, a miss a step beyond the budget, on workloads with a target;
         final: the normalized result on validation data, on all workloads
    k runs to the fewest trials that any candidate has on any workload; several studies count together. Candidates that
    were not tuned, or not on all these workloads, are left out; empty where fewer than two are left.
    """
    import pandas as pd

    if by not in BY:
        raise ValueError(f"by: {by!r}; expected one of {', '.join(BY)}")
    empty = pd.DataFrame({name: [] for name in RANKS})
    runs = without_variants(trials)
    runs = runs[(runs["phase"] == "tune") & ~runs["seed"].map(confirming)] if len(runs) else runs
    if by == "steps" and len(runs):
        runs = runs[runs["target_metric"].notna()]
    if not len(runs):
        return empty
    runs = runs.assign(value=_steps(runs) if by == "steps" else normalized(runs.assign(final_test_metric=np.nan)))
    groups = {place: rows["value"].to_numpy() for place, rows in runs.groupby(["candidate", "workload"], sort=False)}
    workloads = list(dict.fromkeys(runs["workload"]))
    names = [c for c in dict.fromkeys(runs["candidate"]) if all((c, w) in groups for w in workloads)]
    if len(names) < 2:
        return empty
    k = range(1, min(len(groups[c, w]) for c in names for w in workloads) + 1)
    expected = [np.mean([expected_best(groups[c, w], k) for w in workloads], axis=0) for c in names]
    table = pd.DataFrame(np.array(expected).T, index=list(k), columns=names).rename_axis("k")
    ranks = table.rank(axis=1, ascending=False)
    found = table.melt(var_name="candidate", value_name="expected", ignore_index=False).reset_index()
    found["rank"] = ranks.melt(ignore_index=False)["value"].to_numpy()
    return found[list(RANKS)]


def budget_changes(ranks: "pd.DataFrame") -> "pd.DataFrame":
    """Where two candidates change places, from `budget_ranks`: a row a change, with the first k at which `ahead` is."""
    import pandas as pd

    table = ranks.pivot(index="k", columns="candidate", values="expected") if len(ranks) else pd.DataFrame()
    rows = []
    for a, b in combinations(table.columns, 2):
        signs = np.sign((table[a] - table[b]).to_numpy())
        last = 0.0
        for k, sign in zip(table.index, signs, strict=True):
            if sign and last and sign != last:
                rows.append((int(k), *((a, b) if sign > 0 else (b, a))))
            last = sign or last
    return pd.DataFrame(rows, columns=list(CHANGES)).sort_values("k", kind="stable", ignore_index=True)


def _steps(runs: "pd.DataFrame") -> np.ndarray:
    """Minus the logarithm of the time to target; of misses, and of runs without a result, that of a step beyond."""
    budget = runs.groupby("workload")["steps"].transform("max")
    times = runs["steps_to_target"].astype(float).where(runs["outcome"].isin(FINISHED), math.inf)
    return -np.log(times.where(np.isfinite(times), budget + 1).clip(lower=1.0).to_numpy())
