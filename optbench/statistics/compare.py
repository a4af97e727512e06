"""Tests on paired seeds, workload by workload: who is better, by how much, how sure.

Each test takes the pairs of seeds of one workload as `optbench.statistics.pairs` gives them: Student's interval on the
logarithms of ratios of times (on differences of final results), with which a sign-flip test must agree, since
differences may be far from normal. The p of a comparison is the larger of both. Fewer than 6 pairs cannot give a
sign-flip p of 5 %: there the word is `undecided`, whatever the numbers look like.

**Many tests.** p_holm is Holm's correction within a family, and the word follows it: where nothing differs, a family
speaks a false word in at most 5 % of cases, and not one in each twenty of its cells. So does p_equal, of two one-sided
tests (`equality`).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from optbench.statistics.bootstrap import CONFIDENCE
from optbench.statistics.equality import Word, equality, log_margin
from optbench.statistics.equality import word as word_of
from optbench.statistics.holm import ALPHA, holm
from optbench.statistics.paired import Effect, paired_effect, sign_flip
from optbench.statistics.pairs import Paired, seed_pairs

if TYPE_CHECKING:
    import pandas as pd

By = Literal["steps", "gradients", "epochs", "seconds", "final"]
COLUMNS = (
    *("workload", "candidate", "against", "effect", "low", "high", "unit", "p", "p_holm", "p_equal"),
    *("pairs", "verdict", "reason"),
)
#: margins of equality where a suite says nothing: a share of times, a difference of results
MARGINS = {"time": 0.05, "result": 0.005}
#: fewer pairs cannot give a sign-flip p of 5 % (2 / 2^5 is 6.25 %)
LEAST = 6


def workload_tests(
    trials: "pd.DataFrame",
    against: str | None = None,
    by: By = "steps",
    alpha: float = ALPHA,
    margins: Mapping[str, float] | None = None,
) -> "pd.DataFrame":
    """One row a workload and candidate: faster or slower (better or worse), equal, or undecided against another one.

    against      a candidate, such as the baseline. None: each workload's leader, the one with the lowest mean
                 logarithm of times (the highest mean result), which is not compared with itself
    effect       by a time: the candidate's over the other's, geometric mean over pairs, below 1 is quicker; by "final":
                 the candidate's normalized result less the other's (`normalized`), above 0 is better
    low, high    its 95 % interval (Student's, by itself, not corrected)
    unit         ratio or difference
    p_holm       against a candidate: corrected over the workloads of this pair; against the leader, which the data
                 chose: over all pairs of the workload
    p_equal      of equality within the margin, corrected alike
    verdict      faster, slower, equal or undecided at `alpha` after this correction, by "final" better, worse, equal or
                 undecided; reason: why undecided
    margins      {"time": a share, "result": a difference}, default 5 % and 0.005

    Empty where no workload has a target, or nobody is there to compare with.
    """
    import pandas as pd

    pairs = seed_pairs(trials, by)
    margin = margin_of(pairs, margins)
    if against is None:
        rows = [row for w in range(len(pairs.workloads)) for row in leader_rows(pairs.subset([w]), margin)]
    else:
        rows = against_rows(pairs, against, margin)
    frame = pd.DataFrame(rows, columns=[c for c in COLUMNS if c not in ("verdict", "reason")])
    words = [word(row, alpha) for row in frame.to_dict("records")]
    frame["verdict"] = [word for word, _ in words]
    frame["reason"] = [reason for _, reason in words]
    order = {name: i for i, name in enumerate(pairs.workloads)}
    frame = frame.sort_values("workload", key=lambda names: names.map(order), kind="stable")
    return frame[list(COLUMNS)].reset_index(drop=True)


def effect_and_p(
    groups: list[np.ndarray], alpha: float = ALPHA, confidence: float = CONFIDENCE
) -> tuple[Effect, float]:
    """The mean of paired differences over workloads, and the larger p of Student's and the sign-flip test.

    Where Student's exceeds `alpha` already, the sign-flip test is not made. p is NaN with a single pair.
    """
    effect = paired_effect(groups, confidence)
    p = effect.p
    if p <= alpha:
        p = max(p, sign_flip(groups))
    return effect, p


def margin_of(pairs: Paired, margins: Mapping[str, float] | None = None) -> float:
    """The margin of equality on the scale of the values."""
    given = {**MARGINS, **(margins or {})}
    return log_margin(given["time"]) if pairs.ratio else given["result"]


def equal_p(
    pairs: Paired, a: int, b: int, margin: float, workloads: Sequence[int] | None = None, alpha: float = ALPHA
) -> float:
    """p of equality within the margin over these workloads (default all that both ran on); 1 of a single pair."""
    bounds = pairs.bounds(a, b, margin)
    chosen = [bounds[w] for w in (range(len(bounds)) if workloads is None else workloads) if bounds[w].shape[1]]
    return equality(chosen, margin, alpha).p if chosen and min(one.shape[1] for one in chosen) > 1 else 1.0


def against_rows(pairs: Paired, against: str, margin: float | None = None) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    if against not in pairs.candidates:
        return rows
    other = pairs.candidates.index(against)
    margin = margin_of(pairs) if margin is None else margin
    for c, name in enumerate(pairs.candidates):
        if c == other:
            continue
        found = [
            (workload, *effect_and_p([group]), equal_p(pairs, c, other, margin, [w]))
            for w, (workload, group) in enumerate(zip(pairs.workloads, pairs.differences(c, other), strict=True))
            if len(group)
        ]
        corrected = holm([p for *_, p, _ in found]), holm([p for *_, p in found])
        rows += [
            _row(pairs, workload, name, against, effect, p, p_holm, p_equal)
            for (workload, effect, p, _), p_holm, p_equal in zip(found, *corrected, strict=True)
        ]
    return rows


def leader_rows(pairs: Paired, margin: float | None = None) -> list[tuple[Any, ...]]:
    """Of a single workload."""
    known = ~np.isnan(pairs.values)
    ran = [c for c in range(len(pairs.candidates)) if known[c, 0].any()]
    if len(ran) < 2:
        return []
    margin = margin_of(pairs) if margin is None else margin
    sign = 1 if pairs.ratio else -1
    leader = min(ran, key=lambda c: sign * np.nanmean(pairs.values[c, 0]))
    found = {}
    for i, a in enumerate(ran):
        for b in ran[i + 1 :]:
            group = pairs.differences(a, b)[0]
            if len(group):
                found[a, b] = (*effect_and_p([group]), equal_p(pairs, a, b, margin))
    corrected = holm([p for _, p, _ in found.values()]), holm([p for *_, p in found.values()])
    rows = []
    for ((a, b), (effect, p, _)), p_holm, p_equal in zip(found.items(), *corrected, strict=True):
        if leader not in (a, b):
            continue
        if a == leader:
            effect = Effect(-effect.mean, -effect.high, -effect.low, effect.pairs, effect.p)
        name = pairs.candidates[b if a == leader else a]
        against = pairs.candidates[leader]
        rows.append(_row(pairs, pairs.workloads[0], name, against, effect, p, p_holm, p_equal))
    return rows


def _row(
    pairs: Paired, workload: str, name: str, against: str, effect: Effect, p: float, p_holm: float, p_equal: float
) -> tuple[Any, ...]:
    told = pairs.told(effect)
    return (workload, name, against, *told, pairs.unit, p, float(p_holm), float(p_equal), effect.pairs)


def word(row: Mapping[Any, Any], alpha: float = ALPHA) -> tuple[Word, str]:
    """The word, and why undecided, of a row with effect, low, high, unit, p, p_holm, p_equal and pairs."""
    ratio = row["unit"] == "ratio"
    neutral = 1.0 if ratio else 0.0
    p, p_equal = (1.0 if np.isnan(row[name]) else float(row[name]) for name in ("p_holm", "p_equal"))
    found = word_of(row["effect"] - neutral, p, p_equal, ratio, alpha)
    if found != "undecided":
        return found, ""
    inside = not (row["low"] > neutral or row["high"] < neutral)
    pairs = int(row["pairs"])
    return found, why_undecided(inside, pairs, float(row["p"]), pairs, alpha)


def why_undecided(inside: bool, pairs: int, p: float, total: int, alpha: float = ALPHA) -> str:
    """Why a comparison is undecided, in words.

    inside   whether the interval holds "no difference"; pairs: of the workload with the fewest; total: of all workloads
    """
    if pairs < 2:
        return "a single pair of runs shows no spread"
    if total < LEAST:
        return f"{total} pairs are too few to decide anything; it takes {LEAST}"
    if inside:
        return "either may lead, or neither"
    if p > alpha:
        return "a sign-flip test does not agree with the interval"
    return "not after correction for the number of comparisons"
