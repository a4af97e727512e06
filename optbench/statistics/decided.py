"""The verdict of a run that added seeds until all was decided: the words of its looks, in place of those of one test.

A test that knows nothing of the looks before would speak false words more often than it promises: its p is none. What
was not asked when the looks were planned has no word.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.groups import groups
from optbench.statistics.level import NO_LOOK, Level
from optbench.statistics.planning import least_difference
from optbench.statistics.questions import Question, turned
from optbench.statistics.versus import Comparison

if TYPE_CHECKING:
    import pandas as pd

    from optbench.statistics.verdict import Standing


def as_decided(standing: "Standing", answers: "pd.DataFrame", level: Level) -> "Standing":
    """A verdict on the final runs with the words and effects of `answers_table` at a look, and what is told there."""
    seeds = level.seeds or 0
    rows = {(row["question"], row["candidate"], row["against"]): row for row in answers.to_dict("records")}
    questions = []
    for question in standing.questions:
        found = tuple(_decided(question, c, rows, seeds) for c in question.comparisons)
        order = groups(standing.candidates, found)
        questions.append(replace(question, comparisons=found, groups=order, least=_least(question, seeds, level)))
    return replace(standing, questions=tuple(questions))


def _least(question: Question, seeds: int, level: Level) -> float:
    """The least difference that is told with 80 % power at the level of the look."""
    spread = [noise for noise in question.noise if not math.isnan(noise)]
    if seeds < 2 or not spread or not question.comparisons:
        return float("nan")
    least = least_difference(spread, seeds, len(question.comparisons), alpha=level.difference)
    return float(np.expm1(least)) if question.unit == "ratio" else least


def _decided(question: Question, c: Comparison, rows: dict[tuple[str, str, str], Any], seeds: int) -> Comparison:
    ratio = question.unit == "ratio"
    nan = float("nan")
    same, other = ((question.name, *pair) for pair in ((c.candidate, c.against), (c.against, c.candidate)))
    if same in rows:
        row = rows[same]
        reason = "" if row["word"] != "undecided" else _open(row, seeds, 1.0 if ratio else 0.0)
        return replace(
            c, word=row["word"], effect=row["effect"], low=row["low"], high=row["high"], low_all=nan, high_all=nan,
            p=nan, p_equal=nan, reason=reason,
        )  # fmt: skip
    if other in rows:
        return turned(_decided(question, turned(c, ratio), rows, seeds), ratio)
    reason = "it was not asked when the looks were planned" if seeds else NO_LOOK
    return replace(c, word="undecided", low_all=nan, high_all=nan, p=nan, p_equal=nan, reason=reason)


def _open(row: Mapping[str, Any], seeds: int, neutral: float) -> str:
    """Why there is no word yet; its interval is of one test by itself."""
    told = row["low"] > neutral or row["high"] < neutral
    return f"open after {seeds} seeds" + (": not after correction for looks and comparisons" if told else "")
