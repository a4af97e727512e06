"""The verdict in words: how fast, how well, how sure."""

from typing import TYPE_CHECKING

import pandas as pd

from optbench.language import gettext as _
from optbench.report.words.numbers import interval, share

if TYPE_CHECKING:
    from optbench.statistics import Standing

#: so many claims of a kind are told in the first sentences; a wall of text says nothing
TOLD = 5


def verdict(
    board: pd.DataFrame, baseline: str | None = None, standing: "Standing | None" = None
) -> tuple[str, list[str]]:
    """(headline, sentences): what `Standing` says of both questions, then how many runs failed.

    board      the leaderboard, by score, or by IQM where no workload has a target
    standing   of `optbench.statistics.verdict`; None where there are not two candidates to compare
    """
    by = next((c for c in ("score", "iqm") if c in board and board[c].notna().any()), None)
    if by is None:
        return "No verdict yet: no candidate has a score.", []
    if standing is None or len(board) == 1:
        what = {"score": "score", "iqm": "interquartile mean"}[by]
        board = board.sort_values(by, ascending=False, kind="stable")
        leader = str(board.index[0])
        first = {str(k): v for k, v in board.iloc[0].items()}
        said = f"{leader} ran alone" if len(board) == 1 else f"No verdict yet; {leader} has the highest {what}"
        solved = first.get("solved")
        met = [] if solved is None or pd.isna(solved) else [f"{leader} met its targets in {share(solved)} of its runs."]
        return f"{said}: {what} {interval(first, by)}." if len(board) == 1 else f"{said}, {interval(first, by)}.", met
    if by == "score" and not (board["score"] > 0).any():
        return "Undecided: no candidate reached a target.", standing.sentences()
    sentences = standing.sentences()
    failures = board["failures"].fillna(0).sum() if "failures" in board else 0
    if failures:
        sentences.append(
            f"{failures:g} run{'s' if failures != 1 else ''} on fresh seeds diverged or failed; "
            "all count in every score."
        )
    return standing.headline(), sentences


def claims_verdict(claims: pd.DataFrame) -> tuple[str, list[str]]:
    """(headline, sentences) of a suite that only makes claims: how many hold, and which ones do not."""
    if not len(claims):
        return _("No verdict yet: no claim was judged."), []
    counts = claims["verdict"].value_counts()
    supported = int(counts.get("supported", 0))
    headline = _("{supported} of {count} claims are supported by the data.").format(
        supported=supported, count=len(claims)
    )
    sentences = []
    for word in ("refuted", "undecided"):
        statements = [str(s) for s in claims.loc[claims["verdict"] == word, "statement"]]
        if statements:
            more = len(statements) - TOLD
            if more > 1:
                statements = [*statements[:TOLD], _("and {count} more, told below").format(count=more)]
            sentences.append(_("{verdict} ({count}): {claims}.").format(
                    verdict=_(word.capitalize()), count=counts[word], claims=_("; ").join(statements)
                ))
    return headline, sentences
