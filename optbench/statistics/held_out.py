"""Held-out variants: how settings that were selected on a workload do on others that tuning never saw.

AlgoPerf scores its base workloads alone, and asks of a submission that it also does on each held-out variant of a base
workload: a time that is not finite there, or beyond r_max = 4 times the best one, makes that on the base infinite
(Dahl et al. 2023, Benchmarking Neural Network Training Algorithms, arXiv:2306.07179). So does the leaderboard here,
with one exception: a variant whose target nobody met tells candidates apart no more than one without a target.
"""

from typing import TYPE_CHECKING

import numpy as np

from optbench.statistics.bootstrap import medians
from optbench.statistics.cells import cells, final_values, of_studies
from optbench.statistics.metrics import less_is_better
from optbench.statistics.profiles import R_MAX, ratios

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("workload", "variant_of", "candidate", "steps_to_target", "steps_on_base", "factor", "ratio", "ratio_on_base"),
    *("final", "final_on_base", "metric", "rank", "rank_on_base", "rank_change", "qualified"),
)


def variants_of(trials: "pd.DataFrame") -> dict[str, str]:
    """{variant: its base} of the final runs, in their order."""
    if "variant_of" not in trials:
        return {}
    runs = trials[(trials["phase"] == "final") & trials["variant_of"].notna()]
    return dict(zip(runs["workload"], runs["variant_of"], strict=True))


def disqualified(
    trials: "pd.DataFrame", candidates: list[str], workloads: list[str], by: str = "steps", r_max: float = R_MAX
) -> np.ndarray:
    """(candidates, workloads): where a time on the workload counts as infinite for what happened on its variants.

    A candidate's time on a variant is the median over its runs there; it has to be within `r_max` times the best one.
    """
    found = np.zeros((len(candidates), len(workloads)), dtype=bool)
    for variant, base in variants_of(trials).items():
        if base in workloads:
            found[:, workloads.index(base)] |= _fails(trials, variant, candidates, by, r_max)
    return found


def _fails(
    trials: "pd.DataFrame", variant: str, candidates: list[str], by: str = "steps", r_max: float = R_MAX
) -> np.ndarray:
    """(candidates,) that are not within `r_max` times the best on one variant; none where nobody met the target."""
    runs = trials[(trials["phase"] == "final") & (trials["workload"] == variant)]
    runs = of_studies(runs, f"{by}_to_target")
    ratio = ratios(medians(cells(runs, runs[f"{by}_to_target"], candidates, [variant]).values))[:, 0]
    return ~(ratio <= r_max) & np.isfinite(ratio).any()


def carry_over(trials: "pd.DataFrame") -> "pd.DataFrame":
    """One row a variant and candidate: the selected settings there, beside the base that they were selected on.

    steps_to_target, steps_on_base   median over runs, misses infinite; factor: the first over the second
    ratio, ratio_on_base             of that median to the best candidate's
    final, final_on_base             mean final result in `metric`; runs without a result count as the worst
    rank, rank_on_base               by steps to target, then by the final result; level ones share a rank
    rank_change                      rank - rank_on_base: above 0, others' settings carry over better
    qualified                        whether the time there is within 4 times the best; True where nobody met the target
    """
    import pandas as pd

    runs = trials[trials["phase"] == "final"]
    runs = runs.assign(final=final_values(runs)) if len(runs) else runs.assign(final=np.nan)
    rows = []
    for variant, base in variants_of(trials).items():
        there, here = (_standing(runs[runs["workload"] == name]) for name in (variant, base))
        names = list(there.index)
        out = _fails(trials, variant, names)
        for candidate, excluded in zip(names, out, strict=True):
            row, other = there.loc[candidate], here.reindex(names).loc[candidate]
            rows.append(
                {
                    "workload": variant,
                    "variant_of": base,
                    "candidate": candidate,
                    "steps_to_target": row["steps"],
                    "steps_on_base": other["steps"],
                    "factor": _quotient(row["steps"], other["steps"]),
                    "ratio": row["ratio"],
                    "ratio_on_base": other["ratio"],
                    "final": row["final"],
                    "final_on_base": other["final"],
                    "metric": row["metric"],
                    "rank": row["rank"],
                    "rank_on_base": other["rank"],
                    "rank_change": row["rank"] - other["rank"],
                    "qualified": not excluded,
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _standing(runs: "pd.DataFrame") -> "pd.DataFrame":
    """Steps, ratio, final, metric and rank of each candidate on one workload."""
    import pandas as pd

    names, workload = list(dict.fromkeys(runs["candidate"])), list(dict.fromkeys(runs["workload"]))
    timed = of_studies(runs, "steps_to_target")
    times = cells(timed, timed["steps_to_target"], names, workload).values
    table = pd.DataFrame(index=pd.Index(names, name="candidate"))
    table["steps"] = medians(times)[:, 0] if times.size else np.nan
    solved = np.where(np.isnan(table["steps"]), np.inf, table["steps"])
    table["ratio"] = ratios(solved[:, None])[:, 0] if len(names) else np.nan
    table.loc[table["steps"].isna(), "ratio"] = np.nan
    table["final"] = runs.groupby("candidate")["final"].mean()
    table["metric"] = runs.groupby("candidate")["metric"].first()
    badness = np.where(less_is_better(table), table["final"], -table["final"])
    order = list(zip(solved, np.where(np.isnan(badness), np.inf, badness), strict=True))
    table["rank"] = [1 + sum(other < own for other in order) for own in order]
    return table


def _quotient(time: float, base: float) -> float:
    """Misses: infinitely long on the variant alone, nothing to say where the base was missed."""
    if np.isnan(time) or not np.isfinite(base) or base == 0:
        return float("nan")
    return float(time / base)


