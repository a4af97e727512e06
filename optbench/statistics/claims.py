"""Judges claims: does the better candidate differ from the worse one as the claim says, and is it sure?

**Pairs.** Final runs with the same study and seed are a pair: same weights, same batches. The effect is the mean
difference over pairs, with the sign that makes a positive effect one as claimed (for an equivalence: better minus
worse, with the sign that the metric's direction gives).

**Misses and failures.** In a time to target, a miss counts as one step beyond its candidate's budget, the least that it
can have taken: the effect is then too small rather than too large. (The budget is the longest of the candidate's runs
that were done; of both candidates' where it has none, as when all diverged.) A pair that both missed counts 0, and
so does one whose miss had a shorter budget than the other run's time: neither is known to be ahead. Where no run of
either met the target, nothing can be said. In other metrics, a run without a result counts as the worst (see
`optbench.statistics.with_failures`).

**Interval.** Student's on the paired differences, not the percentile bootstrap's, which is too narrow for 10 pairs
(Hesterberg 2015, The American Statistician 69:371).

**Verdict** on a difference, with its margin (0 unless the claim says more):

    supported   the interval lies above the margin
    refuted     the interval does not reach above the margin
    undecided   anything else, with the reason

A claim of a shorter time without a margin of its own is refuted, too, where it would be undecided and the times are
equal within the suite's margin (two one-sided tests, `equality`).

Since differences may be far from normal, a sign-flip test (Fisher 1935) must agree at 5 %, which takes 6 pairs
or more. On an equivalence: supported where the interval lies within -margin ... margin, refuted where wholly outside
(Westlake 1972; stricter than Schuirmann's two one-sided tests, whose interval is of 90 %).

**Looks.** Where seeds were added until all was decided, all of this is at the level of the last look (`level`):
intervals of 95 % are wider there, and words hold however often one looked.

**Several workloads.** The effect is the mean of the workloads' effects, the workloads taken as given. Metrics on a
scale of their own (steps, seconds, losses, metric.NAME) first become relative: differences over the mean size of both
candidates' values on that workload; then the margin is a share too. A workload that by itself says the opposite makes
the claim undecided.

**Interactions and equality**, claims with `than` or `equal`: see `contrast_claims`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.cells import light
from optbench.statistics.claim_verdict import Unable, Verdict, Word
from optbench.statistics.compare import MARGINS, equal_p, margin_of
from optbench.statistics.contrast_claims import judge_contrast
from optbench.statistics.holm import ALPHA
from optbench.statistics.level import FIXED, NO_LOOK, Level, first_seeds
from optbench.statistics.metrics import column, direction, unit_of
from optbench.statistics.numerals import percent
from optbench.statistics.pairs import rung_times_of, seed_pairs
from optbench.statistics.tables import mean_time
from optbench.trials.trial import TO_TARGET

if TYPE_CHECKING:
    import pandas as pd

    from optbench.statistics import Effect

COLUMNS = (
    *(
        "topic",
        "statement",
        "workload",
        "better",
        "worse",
        "metric",
        "verdict",
        "effect",
        "low",
        "high",
        "seeds",
    ),
    *("source", "unit", "margin", "expect", "reason"),
)


def judge_all(
    claims: Sequence[Mapping[str, Any]],
    trials: "pd.DataFrame",
    margins: Mapping[str, float] | None = None,
    level: Level = FIXED,
) -> "pd.DataFrame":
    """One row a claim; see COLUMNS and `Verdict`. `margins` of equality and `level` as in `judge`."""
    import pandas as pd

    rows = []
    for claim in claims:
        rows.append(
            {
                "topic": claim.get("topic") or "",
                "statement": claim["statement"],
                "workload": ", ".join(workloads_of(claim, trials)),
                "better": claim["better"],
                "worse": claim["worse"],
                "metric": claim["metric"],
                "source": claim.get("source") or "",
                "margin": float(claim.get("margin") or 0.0),
                "expect": claim.get("expect") or "difference",
                **vars(judge(claim, trials, margins, level)),
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def judge(
    claim: Mapping[str, Any],
    trials: "pd.DataFrame",
    margins: Mapping[str, float] | None = None,
    level: Level = FIXED,
) -> Verdict:
    """The verdict on one claim, a table of a suite's `claims`, from the trials' table (`optbench.statistics.tables`).

    The module's text says how. `margins`: {"time": the share within which times are equal}, default 5 %. `level`: that
    of the last look, where seeds were added until all was decided (`optbench.statistics.level`); seeds beyond it do not
    count.
    """
    from optbench.statistics import paired_effect

    if level.seeds == 0:
        return Verdict("undecided", reason=NO_LOOK)
    trials = first_seeds(light(trials), level.seeds)

    try:
        workloads = workloads_of(claim, trials)
        if not workloads:
            raise Unable("no workload has final runs of both candidates")
        if claim.get("than") or claim.get("equal"):
            return judge_contrast(claim, trials, workloads, level)
        several = len(workloads) > 1
        parts = [differences_on(claim, trials, name, relative=several) for name in workloads]
    except Unable as unable:
        return Verdict("undecided", reason=str(unable))
    groups = [part.differences for part in parts]
    notes = list(dict.fromkeys(part.note for part in parts if part.note))
    effect = paired_effect(groups, level.confidence)
    word, reason = decide(claim, groups, effect, level.difference)
    against: list[str] = []
    if several and word != "undecided":
        opposite = {"supported": "refuted", "refuted": "supported"}[word]
        against = [
            name
            for name, group in zip(workloads, groups, strict=True)
            if decide(claim, [group], paired_effect([group], level.confidence), level.difference)[0] == opposite
        ]
        if against:
            word, reason = "undecided", f"together {word}, but {opposite} on {', '.join(against)}"
    if word == "undecided" and not against and _equal(claim, trials, workloads, margins, level):
        share = percent({**MARGINS, **(margins or {})}["time"])
        word, reason = "refuted", f"their times are equal within {share}"
    units = {part.unit for part in parts}
    return Verdict(
        word,
        effect.mean,
        effect.low,
        effect.high,
        effect.pairs,
        units.pop() if len(units) == 1 else "",
        "; ".join(note for note in (reason, *notes) if note),
    )


def _equal(
    claim: Mapping[str, Any],
    trials: "pd.DataFrame",
    workloads: list[str],
    margins: Mapping[str, float] | None,
    level: Level,
) -> bool:
    """Of a claim that one takes less time, without a margin of its own: whether the times are equal (`equality`)."""
    if claim["metric"] not in TO_TARGET or claim.get("margin") or claim.get("expect") == "equivalence":
        return False
    ours = trials[trials["candidate"].isin((claim["better"], claim["worse"])) & trials["workload"].isin(workloads)]
    pairs = seed_pairs(ours, claim["metric"].removesuffix("_to_target"))
    if len(pairs.candidates) < 2 or set(pairs.workloads) != set(workloads):
        return False
    return equal_p(pairs, 0, 1, margin_of(pairs, margins), alpha=level.equality) <= level.equality


def decide(
    claim: Mapping[str, Any], groups: Sequence[np.ndarray], effect: "Effect", alpha: float = ALPHA
) -> tuple[Word, str]:
    """The word on a claim, and why undecided, from one array of paired differences a workload and their effect with
    its 1 - alpha interval."""
    from optbench.statistics import sign_flip

    margin = float(claim.get("margin") or 0.0)
    if effect.pairs < 2:
        return "undecided", "a single pair of runs shows no spread"
    if (claim.get("expect") or "difference") == "equivalence":
        if -margin <= effect.low and effect.high <= margin:
            return "supported", ""
        if effect.low > margin or effect.high < -margin:
            return "refuted", ""
        return "undecided", f"the interval crosses the margin of {margin:g}"
    if effect.low <= margin < effect.high:
        return "undecided", "the interval holds both outcomes"
    if effect.low == effect.high == margin == 0:
        return "refuted", "the candidates do not differ in any pair"
    p = sign_flip([group - margin for group in groups])
    if p > alpha:
        total, least = sum(map(len, groups)), least_pairs(alpha)
        if total < least:
            at = percent(alpha)
            return "undecided", f"{total} pairs are too few for a sign-flip test at {at}, which needs {least}"
        return "undecided", "a sign-flip test does not agree with the interval"
    return ("supported" if effect.low > margin else "refuted"), ""


def least_pairs(alpha: float = ALPHA) -> int:
    """So many pairs a two-sided sign-flip test at alpha needs: its smallest p is 2 / 2^n."""
    return math.ceil(1 - math.log2(alpha))


def workloads_of(claim: Mapping[str, Any], trials: "pd.DataFrame") -> list[str]:
    """The claim's workloads; where it names none, those on which both candidates have final runs."""
    if claim.get("workloads"):
        return list(claim["workloads"])
    if claim.get("workload"):
        return [claim["workload"]]
    final = trials[trials["phase"] == "final"]
    there = [set(final.loc[final["candidate"] == claim[arm], "workload"]) for arm in ("better", "worse")]
    return [name for name in dict.fromkeys(final["workload"]) if name in there[0] & there[1]]


@dataclass(frozen=True)
class _Part:
    """The paired differences on one workload, positive as claimed; (pairs, 2) what the better and the worse candidate
    had, and how many runs of each missed the target."""

    differences: np.ndarray
    values: np.ndarray
    unit: str
    note: str
    missed: tuple[int, int] = (0, 0)


def differences_on(claim: Mapping[str, Any], trials: "pd.DataFrame", workload: str, relative: bool) -> _Part:
    from optbench.statistics import with_failures

    metric = column(claim["metric"])
    rows = trials[trials["workload"] == workload]
    sense = claim.get("direction") or direction(metric, rows)
    if sense is None and (claim.get("expect") or "difference") == "difference":
        raise Unable(f"nothing says whether lower or higher {metric} is better")
    arms = (claim["better"], claim["worse"])
    for arm in arms:
        if not ((rows["candidate"] == arm) & (rows["phase"] == "final")).any():
            raise Unable(f"{arm} has no final run on {workload}")
    if metric not in rows:
        raise Unable(f"no run recorded {metric}")
    sign = 1.0 if sense == "higher" else -1.0
    if metric in TO_TARGET:
        differences, values, note, missed = _time_differences(rows, metric, arms, workload, claim.get("pairs"))
    else:
        pairs = _pairs(rows, with_failures(rows, metric, sense), arms)
        if claim.get("pairs") == "studies":
            pairs = pairs.groupby(level="study").mean()
        if not len(pairs):
            raise Unable(f"no seed on {workload} has a value of {metric} for both candidates")
        values = pairs[["better", "worse"]].to_numpy()
        differences, note, missed = values[:, 0] - values[:, 1], "", (0, 0)
    if claim.get("pairs") == "studies":
        note = "; ".join(part for part in (note, "pairs are studies, each the mean of its seeds") if part)
    unit = unit_of(metric, rows)
    if relative and unit not in ("accuracy", "r2"):
        differences, unit = differences / (float(np.abs(values).mean()) or 1.0), "relative"
    return _Part(sign * differences, values, unit, note, missed)


def _pairs(rows: "pd.DataFrame", values: "pd.Series", arms: tuple[str, str]) -> "pd.DataFrame":
    """Columns better and worse by (study, seed), where both final runs have a value."""
    import pandas as pd

    found = values.to_numpy(dtype=float)
    counts = (rows["phase"] == "final").to_numpy() & ~np.isnan(found)
    names = rows["candidate"].to_numpy(dtype=object)
    # of a seed that was run twice the last counts
    first, second = (
        dict(zip(zip(rows["study"][here].tolist(), rows["seed"][here].tolist(), strict=True), found[here], strict=True))
        for here in (counts & (names == arm) for arm in arms)
    )
    both = sorted(first.keys() & second.keys())
    return pd.DataFrame(
        {"better": [first[pair] for pair in both], "worse": [second[pair] for pair in both]},
        index=pd.MultiIndex.from_tuples(both, names=["study", "seed"]) if both else None,
        dtype=float,
    )


def _time_differences(
    rows: "pd.DataFrame", metric: str, arms: tuple[str, str], workload: str, unit: str | None
) -> tuple[np.ndarray, np.ndarray, str, tuple[int, int]]:
    """(better - worse, both, a note, misses of each); misses as the module's text says."""
    import pandas as pd

    ours = rows[rows["candidate"].isin(arms) & (rows["phase"] == "final")]
    if ours["target_metric"].isna().all():
        raise Unable(f"{workload} has no target")
    times = _pairs(ours, ours[metric], arms)
    if not len(times):
        what = "calibrated seconds" if metric == "seconds_to_target" else "runs"
        raise Unable(f"no seed on {workload} has {what} of both candidates")
    missed = np.isinf(times.to_numpy())
    if missed.all():
        raise Unable(f"no run of either candidate reached the target of {workload}")
    done = ours[ours["outcome"] == "done"].groupby("candidate")
    spent = ["steps", "gradients", "epochs"]
    longest = done[spent].max().reindex(list(arms)).fillna(ours[spent].max())
    cost = ours.groupby("candidate")["seconds_per_step"].max()
    beyond = {
        "steps_to_target": longest["steps"] + 1,
        "gradients_to_target": longest["gradients"] + 1,
        "epochs_to_target": longest["epochs"] * (1 + 1 / longest["steps"].clip(lower=1)),
        "seconds_to_target": (longest["steps"] + 1) * cost,
    }[metric][list(arms)].to_numpy()
    least = np.broadcast_to(beyond, missed.shape)
    by = metric.removesuffix("_to_target")
    if len(columns := rung_times_of(ours, by)) > 1:
        # of a ladder the targets that were met count as they are
        each = np.stack([column.to_numpy(dtype=float) for column in columns], axis=1)
        budget = ours["candidate"].map(dict(zip(arms, beyond, strict=True))).to_numpy(dtype=float)
        filled = np.where(np.isinf(each), budget[:, None], each)
        least = _pairs(ours, pd.Series(mean_time(filled), index=ours.index), arms).to_numpy()
    values = np.where(missed, least, times.to_numpy())
    better, worse = values.T
    unknown = missed.all(axis=1) | (missed[:, 0] & (better <= worse)) | (missed[:, 1] & (worse <= better))
    note = f"{missed.sum()} of {missed.size} runs on {workload} missed the target" if missed.any() else ""
    differences = np.where(unknown, 0.0, better - worse)
    if unit == "studies":
        study = times.index.get_level_values("study")
        differences = np.array([differences[study == number].mean() for number in study.unique()])
    return differences, values, note, (int(missed[:, 0].sum()), int(missed[:, 1].sum()))
