"""Judges claims of an interaction (`than`) or of equality (`equal`), by the arithmetic of `contrasts`.

**Effects.** Of times, logarithms are compared: the effect is a ratio less 1, so that 0.3 says "by 1.3 times", and a
margin is a share (0.05: ratios from 1 / 1.05 to 1.05). Of other metrics, differences in their own unit; on several
workloads those of losses and further numbers over the mean size of the values there.

    equal         the ratio of both candidates' times, or the difference of their results
    interaction   (better against worse) against (than's first against its second), positive as claimed

**Verdict.** Equality, and no interaction within the margin, are supported by two one-sided tests at 5 % (`equality`),
and refuted where the 95 % interval lies beyond the margin and a sign-flip test agrees. An interaction is supported
where the interval lies above the margin and refuted where it does not reach above it, as every claim.

Final runs with the same study and seed of all candidates count together; where a workload has a ladder of targets, a
time is the mean over it (`pairs`); misses as in `contrasts`, runs without a result as the worst.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.cells import cells, with_failures
from optbench.statistics.claim_verdict import Unable, Verdict, Word
from optbench.statistics.contrasts import Term, contrast, contrast_bounds, difference, twofold
from optbench.statistics.equality import equality, log_margin
from optbench.statistics.level import FIXED, Level
from optbench.statistics.metrics import column, direction, unit_of
from optbench.statistics.paired import Effect, paired_effect, sign_flip
from optbench.statistics.pairs import Paired, by_study, seed_pairs
from optbench.trials.trial import TO_TARGET

if TYPE_CHECKING:
    import pandas as pd


def judge_contrast(
    claim: Mapping[str, Any], trials: "pd.DataFrame", workloads: Sequence[str], level: Level = FIXED
) -> Verdict:
    """The verdict on a claim with `than` or `equal`, at the level of `judge`; raises `Unable`."""
    arms = (claim["better"], claim["worse"], *(claim.get("than") or ()))
    term = twofold(*arms) if claim.get("than") else difference(*arms)
    rows = trials[(trials["phase"] == "final") & trials["candidate"].isin(arms) & trials["workload"].isin(workloads)]
    for workload in workloads:
        for arm in arms:
            if not ((rows["candidate"] == arm) & (rows["workload"] == workload)).any():
                raise Unable(f"{arm} has no final run on {workload}")
    missed = int(np.isinf(rows[claim["metric"]].to_numpy(dtype=float)).sum()) if claim["metric"] in TO_TARGET else 0
    if claim.get("pairs") != "studies":  # each seed of each study is a pair of its own
        rows = rows.assign(seed=rows.groupby(["study", "seed"]).ngroup(), study=0)
    metric = column(claim["metric"])
    if metric not in rows:
        raise Unable(f"no run recorded {metric}")
    margin = float(claim.get("margin") or 0.0)
    if metric in TO_TARGET:
        pairs, unit = _times(rows, metric, workloads), "relative"
        scaled = log_margin(margin)
    else:
        pairs, unit = _values(claim, rows, metric, workloads, arms)
        scaled = margin
    senses = {direction(metric, rows[rows["workload"] == workload]) for workload in workloads}
    if len(senses) > 1 and not claim.get("direction"):
        raise Unable(f"more {metric} is better on some of these workloads, and less on others")
    sense = claim.get("direction") or senses.pop() or "lower"
    if sense == "lower":
        term = Term(term.minus, term.plus)
    groups = contrast(pairs, [term])
    for workload, group in zip(pairs.workloads, groups, strict=True):
        if not len(group):
            raise Unable(f"no seed on {workload} has a value of {metric} for all candidates")
    equivalence = (claim.get("expect") or "difference") == "equivalence"
    word, reason, effect = decide_contrast(pairs, term, scaled, equivalence, level)
    ends = np.array([effect.mean, effect.low, effect.high])
    mean, low, high = map(float, np.expm1(ends) if pairs.ratio else ends)
    notes = [reason, f"{missed} runs missed the target" if missed else ""]
    return Verdict(word, mean, low, high, effect.pairs, unit, "; ".join(note for note in notes if note))


def decide_contrast(
    pairs: Paired, term: Term, margin: float, equivalence: bool = False, level: Level = FIXED
) -> tuple[Word, str, Effect]:
    """The word on a contrast, why it is undecided, and the effect; the margin on the scale of the values."""
    groups = contrast(pairs, [term])
    effect = paired_effect(groups, level.confidence)
    judged = _equal if equivalence else _more
    return *judged(pairs, term, groups, effect, margin, level), effect


def _equal(
    pairs: Paired, term: Term, groups: Sequence[np.ndarray], effect: Effect, margin: float, level: Level
) -> tuple[Word, str]:
    if not margin > 0:
        raise Unable("equality needs a margin above 0")
    if effect.pairs < 2:
        return "undecided", "a single pair of runs shows no spread"
    if equality(contrast_bounds(pairs, [term], margin), margin, level.equality).p <= level.equality:
        return "supported", ""
    if (effect.low > margin or effect.high < -margin) and _signs(groups, np.sign(effect.mean) * margin, level):
        return "refuted", ""
    return "undecided", "neither equality nor a difference beyond the margin is shown"


def _more(
    pairs: Paired, term: Term, groups: Sequence[np.ndarray], effect: Effect, margin: float, level: Level
) -> tuple[Word, str]:
    if effect.pairs < 2:
        return "undecided", "a single pair of runs shows no spread"
    if effect.low > margin:
        agrees = _signs(groups, margin, level)
        return ("supported", "") if agrees else ("undecided", "a sign-flip test does not agree with the interval")
    # What misses leave open is no evidence against it.
    most = [sides[1] for sides in contrast_bounds(pairs, [term], margin)]
    against = paired_effect(most, level.confidence)
    if against.low == against.high >= margin:
        if pairs.missed.any():
            return "undecided", "where targets were missed it may be either way"
        return "refuted", "there is no difference in any pair"
    if against.high > margin:
        return "undecided", "the interval holds both outcomes"
    agrees = _signs(most, margin, level)
    return ("refuted", "") if agrees else ("undecided", "a sign-flip test does not agree with the interval")


def _signs(groups: Sequence[np.ndarray], at: float, level: Level) -> bool:
    """Whether a sign-flip test tells the mean from this number."""
    return sign_flip([group - at for group in groups]) <= level.difference


def _times(rows: "pd.DataFrame", metric: str, workloads: Sequence[str]) -> Paired:
    for workload in workloads:
        there = rows[rows["workload"] == workload]
        if there["target_metric"].isna().all():
            raise Unable(f"{workload} has no target")
        if np.isinf(there[metric].to_numpy(dtype=float)).all():
            raise Unable(f"no run of any candidate reached the target of {workload}")
    # A claim may be about a held-out variant: here it is a workload as any other.
    return seed_pairs(rows.assign(variant_of=None), metric.removesuffix("_to_target"))


def _values(
    claim: Mapping[str, Any], rows: "pd.DataFrame", metric: str, workloads: Sequence[str], arms: Sequence[str]
) -> tuple[Paired, str]:
    names = list(dict.fromkeys(arms))
    values = cells(rows, with_failures(rows, metric, claim.get("direction")), names, list(workloads)).values
    units = {unit_of(metric, rows[rows["workload"] == workload]) for workload in workloads}
    unit = units.pop() if len(units) == 1 else ""
    if len(workloads) > 1 and unit not in ("accuracy", "r2"):
        size = np.nanmean(np.abs(values), axis=(0, 2), keepdims=True)
        values, unit = values / np.where(size > 0, size, 1.0), "relative"
    return by_study(Paired(names, list(workloads), values, np.zeros(values.shape, dtype=bool), False), rows), unit
