"""The leaderboard, and the table of workloads behind it."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from optbench.statistics.bootstrap import RESAMPLES, median_interval, medians, resampled, t_interval
from optbench.statistics.cells import cells, final_runs, final_values, normalized, of_studies
from optbench.statistics.held_out import disqualified
from optbench.statistics.improvement import improvements
from optbench.statistics.iqm import iqm, iqm_interval, optimality_gap
from optbench.statistics.paired import paired_effect
from optbench.statistics.pairs import Paired, budgets, seed_pairs
from optbench.statistics.profiles import ratios, score
from optbench.statistics.ratios import of_logs
from optbench.statistics.running_time import expected_running_time
from optbench.statistics.score_interval import score_interval
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

BOARD = (
    *("score", "score_low", "score_high", "solved", "iqm", "iqm_low", "iqm_high", "optimality_gap"),
    *("ratio_to_baseline", "ratio_low", "ratio_high", "compared", "gradients_ratio", "seconds_ratio"),
    *("improvement", "improvement_low", "improvement_high", "failures", "trials"),
)
TABLE = (
    *("workload", "candidate", "steps_to_target", "steps_low", "steps_high", "ratio"),
    *("gradients_to_target", "seconds_to_target", "ert", "solved"),
    *("final", "final_low", "final_high", "metric", "failures", "trials"),
)


def leaderboard(
    trials: "pd.DataFrame",
    baseline: str | None = None,
    by: Literal["steps", "gradients", "epochs"] = "steps",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> "pd.DataFrame":
    """One row a candidate, best first, from the final runs of `trials` alone (see `optbench.statistics.tables`).

    A candidate's time on a workload is the median over its runs, misses infinite; with several studies, over studies of
    each one's median (see `cells.of_studies`). Held-out variants are no workloads of
    the score, but a candidate that fails on one has an infinite time on its base (see `held_out`).

    score               of the performance profile of these times over workloads with a target (see `profiles`)
    solved              share of runs on workloads with a target that met it
    iqm                 interquartile mean of normalized final results over all runs (see `cells.normalized`)
    optimality_gap      how far these fall short of 1 on average
    ratio_to_baseline   times over the baseline's: geometric mean over pairs of runs with the same seed, then over the
                        `compared` workloads that both ran on; misses as in `pairs`. The effect that `verdict` tells
    gradients_ratio, seconds_ratio    the same in gradient evaluations and in calibrated seconds
    improvement         the chance that a run is quicker than one of the baseline's (ends better, without targets)
    failures, trials    final runs that ended neither done nor stopped, and all of them

    *_low and *_high are 95 % intervals over seeds, the workloads taken as given: of the score a hull of two bootstraps
    (`score_interval`; seeds are resampled within each workload, the same for all candidates, since they are paired), of
    the IQM Tukey and McLaughlin's (`iqm_interval`), of ratios Student's on logarithms (`paired_effect`), of
    improvements Newcombe's (`improvement_interval`). A single seed has no interval. What they cover was measured:
    docs/statistics.md. Sorted by score, then by iqm; without any target by iqm. A candidate that did not run on a
    workload counts there as having missed its target, with a result of 0.
    """
    import pandas as pd

    runs = final_runs(trials)
    names = list(dict.fromkeys(runs["candidate"]))
    time = f"{by}_to_target"
    all_workloads = list(dict.fromkeys(runs["workload"]))
    targets = list(dict.fromkeys(runs.loc[runs["target_metric"].notna(), "workload"]))
    if not names:
        return pd.DataFrame(columns=list(BOARD), index=pd.Index([], name="candidate"), dtype=float)
    timed = of_studies(runs, time)
    times = cells(timed, timed[time], names, targets).values
    sizes = (~np.isnan(times)).any(axis=0).sum(axis=1)
    times[disqualified(trials, names, targets, by)] = np.inf
    finals = cells(runs, normalized(runs), names, all_workloads).values
    ran = ~np.isnan(finals)
    finals[~ran.any(axis=2)[:, :, None] & ran.any(axis=0)] = 0.0

    drawn = _resampled_medians(times, resamples, np.random.default_rng(seed))
    middle = medians(times) if targets else np.empty((len(names), 0))
    board = pd.DataFrame({"score": score(middle)}, index=pd.Index(names, name="candidate"))
    board["score_low"], board["score_high"] = score_interval(middle, drawn, sizes)
    met = np.isfinite(runs[time]).where(runs["target_metric"].notna())
    board["solved"] = met.astype(float).groupby(runs["candidate"]).mean()
    board["iqm"] = iqm(finals.reshape(len(names), -1))
    strata = [[row[~np.isnan(row)] for row in finals[c]] for c in range(len(names))]
    intervals = [iqm_interval(scores) for scores in strata]
    board["iqm_low"], board["iqm_high"] = np.clip(np.array(intervals).reshape(-1, 2), 0, 1).T
    board["optimality_gap"] = [optimality_gap(np.concatenate(scores)) for scores in strata]
    further = [c for c in BOARD[BOARD.index("ratio_to_baseline") :] if c not in ("failures", "trials")]
    board[further] = np.nan
    if baseline in names:
        base = names.index(str(baseline))
        if targets:
            of_time = _ratios(seed_pairs(trials, by), base)
            board[["ratio_to_baseline", "ratio_low", "ratio_high", "compared"]] = of_time
            for column in ("gradients", "seconds"):
                if f"{column}_to_target" in runs:
                    board[f"{column}_ratio"] = _ratios(seed_pairs(trials, column), base)[:, 0]
        chances = improvements(runs, str(baseline), by if targets else "final").set_index("candidate")
        board["improvement"] = chances["probability"]
        board["improvement_low"], board["improvement_high"] = chances["low"], chances["high"]
    failed = ~runs["outcome"].isin(FINISHED)
    board["failures"] = failed.groupby(runs["candidate"]).sum()
    board["trials"] = failed.groupby(runs["candidate"]).size()
    order = ["score", "iqm"] if targets else ["iqm"]
    return board.sort_values(order, ascending=False, kind="stable")[list(BOARD)]


def _ratios(pairs: Paired, base: int) -> np.ndarray:
    """(ratio, low, high, workloads) of each candidate's times to the baseline's, as `versus` has them.

    NaN where neither met any target: ties of misses say nothing of times.
    """
    rows = np.full((len(pairs.candidates), 4), np.nan)
    met = (~pairs.missed & ~np.isnan(pairs.values)).reshape(len(rows), -1).any(axis=1)
    for c in range(len(rows)):
        groups = [d for d in pairs.differences(c, base) if len(d)]
        groups = [d for d in groups if len(d) >= 2] or groups
        rows[c, 3] = len(groups)
        if groups and (met[c] or met[base]):
            effect = paired_effect(groups)
            rows[c, :3] = of_logs([effect.mean, effect.low, effect.high])
    return rows


def workload_table(trials: "pd.DataFrame") -> "pd.DataFrame":
    """One row a workload and candidate, from the final runs of `trials` alone.

    steps_to_target     median over runs (over studies, where there are several), misses infinite; steps_low, _high its
                        interval from order statistics
    ratio               of that median to the workload's best; 1 is the quickest
    gradients_to_target, seconds_to_target    medians, in gradient evaluations and in calibrated seconds
    ert                 expected running time in steps: what a success costs with restarts (see `running_time`)
    solved              share of the runs that met the target
    final               mean of the final results in the workload's `metric` (an analytic function's: value, lower
                        is better), failures as the worst; final_low and _high Student's 95 % interval
    """
    import pandas as pd

    runs = final_runs(trials)
    runs = runs.assign(final=final_values(runs), failed=~runs["outcome"].isin(FINISHED))
    groups = runs.groupby(["workload", "candidate"], sort=False)
    table = groups.agg(metric=("metric", "first"), failures=("failed", "sum"), trials=("failed", "size"))
    intervals = [t_interval(values.to_numpy()) for _, values in groups["final"]]
    table["final"] = groups["final"].mean()
    table["final_low"], table["final_high"] = np.array(intervals).reshape(-1, 2).T
    met = np.isfinite(runs["steps_to_target"]).astype(float).where(runs["target_metric"].notna())
    table["solved"] = met.groupby([runs["workload"], runs["candidate"]], sort=False).mean()

    names, workloads = list(dict.fromkeys(runs["candidate"])), list(dict.fromkeys(runs["workload"]))
    times = cells(runs, runs["steps_to_target"], names, workloads).values
    timed = of_studies(runs, "steps_to_target")
    units = cells(timed, timed["steps_to_target"], names, workloads).values
    middle = medians(units) if times.size else np.empty(times.shape[:2])
    relative = np.where(np.isnan(middle), np.nan, ratios(middle)) if times.size else middle
    at = (
        pd.Index(names).get_indexer(table.index.get_level_values("candidate")),
        pd.Index(workloads).get_indexer(table.index.get_level_values("workload")),
    )
    table["steps_to_target"], table["ratio"] = middle[at], relative[at]
    ends = [median_interval(row[~np.isnan(row)]) for row in units[at]]
    table["steps_low"], table["steps_high"] = np.array(ends).reshape(-1, 2).T
    for column in ("gradients_to_target", "seconds_to_target"):
        table[column] = np.nan
        if column in runs and times.size:
            timed = of_studies(runs, column)
            table[column] = medians(cells(timed, timed[column], names, workloads).values)[at]
    spent = budgets(runs, "steps", names, workloads)[at] if times.size else []
    table["ert"] = [
        expected_running_time(row[~np.isnan(row)], budget) for row, budget in zip(times[at], spent, strict=True)
    ]
    return table.reset_index()[list(TABLE)]


def _resampled_medians(times: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Median times (resamples, candidates, workloads) of bootstrap samples of the seeds of each workload."""
    result = np.empty((resamples, *times.shape[:2]))
    for w in range(times.shape[1]):
        values = times[:, w, ~np.isnan(times[:, w]).all(axis=0)]
        if not values.shape[1]:  # no target
            result[:, :, w] = np.nan
            continue
        drawn = resampled(resamples, values.shape[1], rng)
        for c in range(len(times)):  # one at a time: memory for a workload and a candidate only
            result[:, c, w] = medians(values[c][drawn])
    return result
