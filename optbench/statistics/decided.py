"""The verdict of a run that added seeds until all was decided: the words of its looks, in place of those of one test.

A test that knows nothing of the looks before would speak false words more often than it promises: its p is none. What
was not asked when the looks were planned has no word.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from optbench.statistics.groups import groups
from optbench.statistics.questions import Question, turned
from optbench.statistics.versus import Comparison

if TYPE_CHECKING:
    import pandas as pd

    from optbench.statistics.verdict import Standing


def as_decided(standing: "Standing", answers: "pd.DataFrame", seeds: int) -> "Standing":
    """A verdict on the final runs with the words and effects of `answers_table` after so many seeds."""
    rows = {(row["question"], row["candidate"], row["against"]): row for row in answers.to_dict("records")}
    questions = []
    for question in standing.questions:
        found = tuple(_decided(question, c, rows, seeds) for c in question.comparisons)
        questions.append(replace(question, comparisons=found, groups=groups(standing.candidates, found)))
    return replace(standing, questions=tuple(questions))


def _decided(question: Question, c: Comparison, rows: dict[tuple[str, str, str], Any], seeds: int) -> Comparison:
    ratio = question.unit == "ratio"
    nan = float("nan")
    same, other = ((question.name, *pair) for pair in ((c.candidate, c.against), (c.against, c.candidate)))
    if same in rows:
        row = rows[same]
        reason = "" if row["word"] != "undecided" else f"open after {seeds} seeds"
        return replace(
            c, word=row["word"], effect=row["effect"], low=row["low"], high=row["high"], low_all=nan, high_all=nan,
            p=nan, p_equal=nan, reason=reason,
        )  # fmt: skip
    if other in rows:
        return turned(_decided(question, turned(c, ratio), rows, seeds), ratio)
    reason = "it was not asked when the looks were planned" if seeds else "no look was taken yet"
    return replace(c, word="undecided", low_all=nan, high_all=nan, p=nan, p_equal=nan, reason=reason)
