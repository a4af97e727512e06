"""The verdict in words: who wins, by how much, how sure."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optbench.report.words.numbers import interval, share

if TYPE_CHECKING:
    from optbench.statistics import Standing

#: so many claims of a kind are told in the first sentences; a wall of text says nothing
TOLD = 5
#: so many names are listed; of more, the number
LISTED = 4


def listing(names: list[str]) -> str:
    """a; a and b; a, b and c; beyond `LISTED` the rest as a number."""
    if len(names) > LISTED:
        names = [*names[: LISTED - 1], f"{len(names) - LISTED + 1} more"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def verdict(
    board: pd.DataFrame, baseline: str | None = None, standing: "Standing | None" = None
) -> tuple[str, list[str]]:
    """(headline, sentences) from the leaderboard: by score, or by IQM where no workload has a target.

    standing   of `optbench.statistics.verdict`: its paired tests say who is told apart from the first. Without it two
               candidates count as told apart only where their 95 % intervals do not overlap.
    """
    by = next((c for c in ("score", "iqm") if c in board and board[c].notna().any()), None)
    if by is None:
        return "No verdict yet: no candidate has a score.", []
    what = {"score": "score", "iqm": "interquartile mean"}[by]
    board = board.sort_values(by, ascending=False, kind="stable")
    names = [str(n) for n in board.index]
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in board.to_dict("records")]
    leader, first = names[0], rows[0]
    if len(board) == 1:
        headline = f"{leader} ran alone: {what} {interval(first, by)}."
        return headline, _reached(leader, first, baseline)
    if by == "score" and not first[by] > 0:
        return "Undecided: no candidate reached a target.", []
    level: list[str] = []
    apart: list[str] = []
    for name, row in zip(names[1:], rows[1:], strict=True):
        close = _overlap(first, row, by) if standing is None else name in standing.winners
        (level if close else apart).append(name)
    if level:
        why = "their 95 % intervals overlap" if standing is None else "paired tests do not tell them apart"
        headline = f"Undecided between {listing([leader, *level])}: {why}."
        if standing is not None and not apart and len(level) > 1:
            headline = f"Undecided: none of the {len(board)} candidates is told apart from the first, {leader}."
        sentences = [f"{leader} has the highest {what}, {interval(first, by)}."]
    else:
        headline = (
            f"{leader} wins with {'a score' if by == 'score' else 'an ' + what} of {interval(first, by)}."
        )
        how = "the intervals do not overlap" if standing is None else "paired tests tell the first from all others"
        sentences = [f"Next comes {names[1]} with {interval(rows[1], by)}; {how}."]
    sentences += _reached(leader, first, baseline) if standing is None else _compared(leader, first, standing)
    if level and apart:
        sentences.append(f"Behind, with the settings that this budget found: {listing(apart)}.")
    failures = board["failures"].fillna(0).sum() if "failures" in board else 0
    if failures:
        sentences.append(
            f"{failures:g} run{'s' if failures != 1 else ''} on fresh seeds diverged or failed; "
            "all count in every score."
        )
    return headline, sentences


def claims_verdict(claims: pd.DataFrame) -> tuple[str, list[str]]:
    """(headline, sentences) of a suite that only makes claims: how many hold, and which ones do not."""
    if not len(claims):
        return "No verdict yet: no claim was judged.", []
    counts = claims["verdict"].value_counts()
    supported = int(counts.get("supported", 0))
    headline = f"{supported} of {len(claims)} claims are supported by the data."
    sentences = []
    for word in ("refuted", "undecided"):
        statements = [str(s) for s in claims.loc[claims["verdict"] == word, "statement"]]
        if statements:
            more = len(statements) - TOLD
            if more > 1:
                statements = [*statements[:TOLD], f"and {more} more, told below"]
            sentences.append(f"{word.capitalize()} ({counts[word]}): {'; '.join(statements)}.")
    return headline, sentences


def _overlap(first: dict[str, Any], other: dict[str, Any], by: str) -> bool:
    low, high = first.get(f"{by}_low", np.nan), other.get(f"{by}_high", np.nan)
    if pd.isna(low) or pd.isna(high):
        return True
    return bool(high >= low)


def _compared(leader: str, row: dict[str, Any], standing: "Standing") -> list[str]:
    """How often the first met the target, and how it does against the baseline, seed by seed."""
    said = []
    solved, pair = row.get("solved"), standing.against_baseline
    if solved is not None and not pd.isna(solved):
        said.append(f"{leader} met the target in {share(solved)} of its runs.")
    if pair is None or pd.isna(pair["effect"]):
        return said
    effect = interval(pair, "effect", "low", "high")
    word = "which is undecided" if pair["verdict"] == "undecided" else f"which is {pair['verdict']}"
    several = f"{pair['workloads']} workload{'s' if pair['workloads'] != 1 else ''}"
    if standing.unit == "ratio":
        said.append(f"Seed by seed it took {effect} times the steps of {standing.baseline} on {several}, {word}.")
    else:
        said.append(f"Seed by seed its result is {effect} above that of {standing.baseline} on {several}, {word}.")
    return said


def _reached(leader: str, row: dict[str, Any], baseline: str | None) -> list[str]:
    parts = []
    solved, factor = row.get("solved"), row.get("ratio_to_baseline")
    if solved is not None and not pd.isna(solved):
        parts.append(f"met the target in {share(solved)} of its runs")
    if baseline and baseline != leader and factor is not None and not pd.isna(factor):
        compared = row.get("compared")
        both = (
            ""
            if compared is None or pd.isna(compared)
            else f" (on the {compared:g} workload{'s' if compared != 1 else ''} that both solved)"
        )
        times = interval(row, "ratio_to_baseline", "ratio_low", "ratio_high")
        parts.append(f"took {times} times the steps of {baseline}{both}")
    return [f"{leader} {' and '.join(parts)}."] if parts else []
