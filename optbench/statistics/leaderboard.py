"""The leaderboard, and the table of workloads behind it."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from optbench.statistics.bootstrap import (
    RESAMPLES,
    medians,
    percentile_interval,
    resampled,
    t_interval,
)
from optbench.statistics.cells import cells, final_runs, final_values, normalized
from optbench.statistics.held_out import disqualified
from optbench.statistics.iqm import iqm
from optbench.statistics.profiles import ratios, score
from optbench.statistics.ratios import comparable, ratio_to_baseline
from optbench.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

BOARD = (
    *("score", "score_low", "score_high", "solved", "iqm", "iqm_low", "iqm_high"),
    *("ratio_to_baseline", "ratio_low", "ratio_high", "compared", "seconds_ratio", "failures", "trials"),
)
TABLE = (
    *("workload", "candidate", "steps_to_target", "steps_low", "steps_high", "ratio", "seconds_to_target"),
    *("solved", "final", "final_low", "final_high", "metric", "failures", "trials"),
)


def leaderboard(
    trials: "pd.DataFrame",
    baseline: str | None = None,
    by: Literal["steps", "gradients", "epochs"] = "steps",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> "pd.DataFrame":
    """One row a candidate, best first, from the final runs of `trials` alone (see `optbench.metrics`).

    A candidate's time on a workload is the median over its runs, misses infinite. Held-out variants are no workloads of
    the score, but a candidate that fails on one has an infinite time on its base (see `held_out`).

    score               of the performance profile of these times over workloads with a target (see `profiles`)
    solved              share of runs on workloads with a target that met it
    iqm                 interquartile mean of normalized final results over all runs (see `cells.normalized`)
    ratio_to_baseline   geometric mean of times over the baseline's, over the `compared` workloads that both solved
    seconds_ratio       the same in calibrated seconds
    failures, trials    final runs that ended neither done nor stopped, and all of them

    *_low and *_high are 95 % percentile bootstrap intervals: seeds are resampled within each workload, the same for
    all candidates, since they are paired. Sorted by score, then by iqm; without any target by iqm. A candidate that
    did not run on a workload counts there as having missed its target, with a result of 0.
    """
    import pandas as pd

    runs = final_runs(trials)
    names = list(dict.fromkeys(runs["candidate"]))
    time = f"{by}_to_target"
    all_workloads = list(dict.fromkeys(runs["workload"]))
    targets = list(dict.fromkeys(runs.loc[runs["target_metric"].notna(), "workload"]))
    if not names:
        return pd.DataFrame(columns=list(BOARD), index=pd.Index([], name="candidate"), dtype=float)
    base = names.index(baseline) if baseline in names else None
    times = cells(runs, runs[time], names, targets).values
    times[disqualified(trials, names, targets, by)] = np.inf
    finals = cells(runs, normalized(runs), names, all_workloads).values
    ran = ~np.isnan(finals)
    finals[~ran.any(axis=2)[:, :, None] & ran.any(axis=0)] = 0.0

    rng = np.random.default_rng(seed)
    drawn_times = _resampled_medians(times, resamples, rng)
    drawn_iqm = _resampled_iqm(finals, resamples, rng)
    middle = medians(times) if targets else np.empty((len(names), 0))
    board = pd.DataFrame({"score": score(middle)}, index=pd.Index(names, name="candidate"))
    board["score_low"], board["score_high"] = percentile_interval(score(drawn_times))
    met = np.isfinite(runs[time]).where(runs["target_metric"].notna())
    board["solved"] = met.astype(float).groupby(runs["candidate"]).mean()
    board["iqm"] = iqm(finals.reshape(len(names), -1))
    board["iqm_low"], board["iqm_high"] = percentile_interval(drawn_iqm)
    for column in ("ratio_to_baseline", "ratio_low", "ratio_high", "compared", "seconds_ratio"):
        board[column] = np.nan
    if base is not None and targets:
        board["ratio_to_baseline"] = ratio_to_baseline(middle, base)
        drawn_ratio = ratio_to_baseline(drawn_times, base)
        board["ratio_low"], board["ratio_high"] = percentile_interval(drawn_ratio)
        board["compared"] = comparable(middle, base).sum(axis=1)
        seconds = medians(cells(runs, runs["seconds_to_target"], names, targets).values)
        board["seconds_ratio"] = ratio_to_baseline(seconds, base)
    failed = ~runs["outcome"].isin(FINISHED)
    board["failures"] = failed.groupby(runs["candidate"]).sum()
    board["trials"] = failed.groupby(runs["candidate"]).size()
    order = ["score", "iqm"] if targets else ["iqm"]
    return board.sort_values(order, ascending=False, kind="stable")[list(BOARD)]


def workload_table(trials: "pd.DataFrame", resamples: int = RESAMPLES, seed: int = 0) -> "pd.DataFrame":
    """One row a workload and candidate, from the final runs of `trials` alone.

    steps_to_target     median over runs, misses infinite; steps_low and _high its percentile bootstrap interval
    ratio               of that median to the workload's best; 1 is the quickest
    seconds_to_target   median, calibrated
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
    seconds = cells(runs, runs["seconds_to_target"], names, workloads).values
    middle = medians(times) if times.size else np.empty(times.shape[:2])
    relative = np.where(np.isnan(middle), np.nan, ratios(middle)) if times.size else middle
    drawn = _resampled_medians(times, resamples, np.random.default_rng(seed))
    low, high = percentile_interval(drawn)
    at = (
        pd.Index(names).get_indexer(table.index.get_level_values("candidate")),
        pd.Index(workloads).get_indexer(table.index.get_level_values("workload")),
    )
    table["steps_to_target"], table["steps_low"], table["steps_high"] = middle[at], low[at], high[at]
    table["ratio"] = relative[at]
    table["seconds_to_target"] = medians(seconds)[at] if seconds.size else np.nan
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


def _resampled_iqm(finals: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """IQM (resamples, candidates) of bootstrap samples of the seeds of each workload."""
    drawn = []
    for w in range(finals.shape[1]):
        seeds = np.flatnonzero(~np.isnan(finals[:, w]).all(axis=0))
        drawn.append(seeds[resampled(resamples, len(seeds), rng)])
    columns = [
        iqm(np.concatenate([finals[c, w][seeds] for w, seeds in enumerate(drawn)], axis=1))
        for c in range(len(finals))
    ]
    return np.stack(columns, axis=1)
