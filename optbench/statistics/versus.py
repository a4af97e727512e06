"""Comparisons of a candidate with others over workloads: effects, intervals, corrected p, and one word each.

`versus` answers about one candidate against each of some others (many-to-one), `all_against_all` about every pair,
where nobody asked about anyone. The words follow `equality`; p of differences is corrected by max-T (`many`) or Holm's
rule, p of equality by Holm's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from optbench.statistics.bootstrap import CONFIDENCE
from optbench.statistics.equality import Word, equality, word
from optbench.statistics.flips import DRAWS
from optbench.statistics.holm import ALPHA, holm
from optbench.statistics.many import max_t
from optbench.statistics.numerals import percent
from optbench.statistics.paired import paired_effect
from optbench.statistics.pairs import MISSES, Paired
from optbench.statistics.ratios import of_logs

Correction = Literal["max-t", "holm"]


@dataclass(frozen=True)
class Comparison:
    """One candidate against another, over the workloads that both ran on.

    effect             the candidate's time over the other's (geometric mean), or its result less the other's
    low, high          with Student's 95 % interval, by itself: not corrected for other comparisons
    low_all, high_all  the interval that holds together with all others of the question in 95 % of cases
    within             the least margin within which they would be equal by an uncorrected test at 5 %: a ratio of times
                       (1.05: within 5 %) or a difference of results; NaN where no equality was asked for
    p, p_equal         of a difference, and of equality within the margin, corrected for the question
    word               faster, slower, better, worse, equal or undecided
    pairs, workloads   of the workload with the fewest; how many took part
    reason             why undecided
    """

    candidate: str
    against: str
    effect: float
    low: float
    high: float
    low_all: float
    high_all: float
    within: float
    p: float
    p_equal: float
    word: Word
    pairs: int
    workloads: int
    reason: str = ""


def versus(
    pairs: Paired,
    candidate: str,
    others: Sequence[str] | None = None,
    margin: float | None = None,
    alpha: float = ALPHA,
    correction: Correction = "max-t",
    draws: int = DRAWS,
) -> list[Comparison]:
    """One comparison of `candidate` with each of `others` (default: all), corrected for these.

    margin   of equality, on the scale of the values: `log_margin(0.05)` of times. None: no word is `equal`.
    Others that share no workload with it are undecided and take no part in the correction.
    """
    others = [name for name in pairs.candidates if name != candidate] if others is None else list(others)
    return compared(pairs, [(candidate, other) for other in others], margin, alpha, correction, draws)


def all_against_all(
    pairs: Paired,
    margin: float | None = None,
    alpha: float = ALPHA,
    correction: Correction = "max-t",
    draws: int = DRAWS,
) -> list[Comparison]:
    """One comparison of each pair of candidates in their order, corrected for all of them."""
    return compared(pairs, list(combinations(pairs.candidates, 2)), margin, alpha, correction, draws)


def compared(
    pairs: Paired,
    asked: Sequence[tuple[str, str]],
    margin: float | None = None,
    alpha: float = ALPHA,
    correction: Correction = "max-t",
    draws: int = DRAWS,
) -> list[Comparison]:
    """One comparison of each pair that was asked about, in that order, corrected for all of them together."""
    places = [(pairs.candidates.index(a), pairs.candidates.index(b)) for a, b in asked]
    tables = [pairs.table(*place) for place in places]
    able = [i for i, table in enumerate(tables) if (np.count_nonzero(~np.isnan(table), axis=1) >= 2).any()]
    found = [_unable(*names, table) for names, table in zip(asked, tables, strict=True)]
    if not able:
        return found
    together = max_t(list(np.stack([tables[i] for i in able], axis=-1)), alpha, draws)
    p = together.adjusted if correction == "max-t" else holm(together.p)
    equal = np.ones(len(able))
    intervals = np.full((len(able), 2), np.nan)
    if margin is not None:
        for j, i in enumerate(able):
            bounds = [b for b in pairs.bounds(*places[i], margin) if b.shape[1] >= 2]
            one = equality(bounds, margin, alpha, draws)
            equal[j], intervals[j] = one.p, (one.low, one.high)
        equal = holm(equal)
    for j, i in enumerate(able):
        groups = [group for group in pairs.differences(*places[i]) if len(group) >= 2]
        effect = paired_effect(groups, CONFIDENCE)
        half = abs(effect.mean / together.t[j]) * together.critical if together.t[j] else 0.0
        ends = np.array([effect.mean, effect.low, effect.high, effect.mean - half, effect.mean + half])
        within = float(np.abs(intervals[j]).max())
        if pairs.ratio:
            ends, within = of_logs(ends), float(of_logs(within))
        said = word(effect.mean, float(p[j]), float(equal[j]), pairs.ratio, alpha)
        reason = ""
        if said == "undecided":
            often = pairs.missed_often(*places[i])[[len(group) >= 2 for group in pairs.differences(*places[i])]]
            level = margin is not None and bool(often.any()) and _seen_equal(groups, margin, alpha, draws)
            reason = _reason(groups, float(together.p[j]), alpha, often if level else None)
        a, b = asked[i]
        shown, low, high, low_all, high_all = map(float, ends)
        found[i] = Comparison(
            a, b, shown, low, high, low_all, high_all, within, float(p[j]), float(equal[j]), said, effect.pairs,
            len(groups), reason,
        )  # fmt: skip
    return found


def _unable(candidate: str, against: str, table: np.ndarray) -> Comparison:
    nan = float("nan")
    number = int(np.count_nonzero(~np.isnan(table), axis=1).max(initial=0))
    reason = "a single pair of runs shows no spread" if number else "they share no workload"
    workloads = int((~np.isnan(table)).any(axis=1).sum())
    return Comparison(
        candidate, against, nan, nan, nan, nan, nan, nan, 1.0, 1.0, "undecided", number, workloads, reason
    )


def _seen_equal(groups: list[np.ndarray], margin: float, alpha: float, draws: int) -> bool:
    """Whether they are equal by an uncorrected test of the effect that is shown, with misses as if they were known."""
    return equality([np.stack([group, group]) for group in groups], margin, alpha, draws).p <= alpha


def _reason(groups: list[np.ndarray], p: float, alpha: float, often: np.ndarray | None) -> str:
    """often: where they are equal as far as was seen, the workloads with too many misses to say so; else None."""
    total = sum(map(len, groups))
    if 2.0 ** (1 - total) > alpha:
        return f"{total} pairs are too few to decide anything"
    if often is not None:
        where = f" on {often.sum()} of {len(often)} workloads" if len(often) > 1 else ""
        return f"equal as far as was seen, but more than {percent(MISSES)} of the targets are missed{where}"
    if not any(group.any() for group in groups):
        return "they do not differ in any pair"
    if p <= alpha:
        return "not after correction for the number of comparisons"
    return "either may lead, or neither"
