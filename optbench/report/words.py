"""The verdict in words: who wins, by how much, how sure."""

from typing import Any

import numpy as np
import pandas as pd

from optbench.report.terminal import interval, ratio

#: so many names are listed; of more, the number
LISTED = 4


def listing(names: list[str]) -> str:
    """a; a and b; a, b and c; beyond `LISTED` the rest as a number."""
    if len(names) > LISTED:
        names = [*names[: LISTED - 1], f"{len(names) - LISTED + 1} more"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def verdict(board: pd.DataFrame, workloads: int, baseline: str | None = None) -> tuple[str, list[str]]:
    """(headline, sentences) from the leaderboard.

    Two candidates count as told apart only where their 95 % intervals do not overlap; else the word is undecided.
    """
    if not len(board) or "score" not in board or not board["score"].notna().any():
        return "No verdict yet: no candidate has a score.", []
    board = board.sort_values("score", ascending=False, kind="stable")
    names = [str(n) for n in board.index]
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in board.to_dict("records")]
    leader, first = names[0], rows[0]
    if len(board) == 1:
        headline = f"{leader} ran alone: score {interval(first, 'score')}."
        return headline, _reached(leader, first, workloads, baseline)
    if not first["score"] > 0:
        return "Undecided: no candidate reached a target.", []
    level: list[str] = []
    apart: list[str] = []
    for name, row in zip(names[1:], rows[1:], strict=True):
        (level if _overlap(first, row) else apart).append(name)
    if level:
        headline = f"Undecided between {listing([leader, *level])}: their 95 % intervals overlap."
        sentences = [f"{leader} has the highest score, {interval(first, 'score')}."]
    else:
        headline = f"{leader} wins with a score of {interval(first, 'score')}."
        sentences = [
            f"Next comes {names[1]} with {interval(rows[1], 'score')}; the intervals do not overlap."
        ]
    sentences += _reached(leader, first, workloads, baseline)
    if level and apart:
        sentences.append(f"Behind, beyond doubt by these intervals: {listing(apart)}.")
    failures = board["failures"].fillna(0).sum() if "failures" in board else 0
    if failures:
        sentences.append(
            f"{failures:g} trial{'s' if failures != 1 else ''} diverged or failed; they count in every score."
        )
    return headline, sentences


def _overlap(first: dict, other: dict) -> bool:
    low, high = first.get("score_low", np.nan), other.get("score_high", np.nan)
    if pd.isna(low) or pd.isna(high):
        return True
    return bool(high >= low)


def _reached(leader: str, row: dict, workloads: int, baseline: str | None) -> list[str]:
    parts = []
    solved = row.get("solved")
    if solved is not None and not pd.isna(solved):
        parts.append(f"reached the targets of {solved if isinstance(solved, str) else f'{solved:g}'}")
        if not isinstance(solved, str):
            parts[-1] += f" of {workloads} workload{'s' if workloads != 1 else ''}"
    factor = row.get("ratio_to_baseline")
    if baseline and baseline != leader and factor is not None and not pd.isna(factor):
        parts.append(f"took {ratio(factor)} times the steps of {baseline}")
    return [f"{leader} {' and '.join(parts)}."] if parts else []
