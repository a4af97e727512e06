"""Rounds of seeds in words, and what a run can tell."""

import math
from collections.abc import Mapping
from typing import Any

from optbench.report.words.numbers import plain
from optbench.statistics.level import level_of
from optbench.statistics.numerals import listing, percent
from optbench.statistics.until import answer_of

#: minutes that are told as such; fewer are seconds
SHORT = 1.5


def until_sentences(results: Any) -> list[str]:
    """That seeds were added until all was decided, how many, what is open; nothing of other runs."""
    said = getattr(results, "until", None) or {}
    if not said.get("looks"):
        return []
    answers, seeds = [answer_of(record) for record in said["answers"]], said["seeds"]
    taken = [n for n in said["looks"] if n <= seeds]
    if not taken:
        return ["Seeds are added until all is decided, but no look was taken yet."]
    lost = [one for one in answers if one.missed]
    asked, looks = len(answers) - len(lost), counted(len(taken), "look")
    minutes = said.get("minutes") or 0
    told = [
        {
            "decided": f"Seeds were added until all questions ({asked}) were decided: after {seeds}, at {looks}.",
            "seeds": f"Seeds were added until the limit of {seeds}, at {looks}.",
            "minutes": f"Seeds were added while they fitted into {minutes:g} minutes: {seeds}, at {looks}.",
        }.get(str(said.get("stopped")), f"Seeds are added until all is decided: {seeds} so far, at {looks}.")
    ]
    left = [f"{one.candidate} / {one.against} ({one.kind})" for one in answers if one.open]
    if left:
        told.append(plain(f"Open of {counted(asked, 'question')}: {listing(left)}."))
    if lost:
        told.append(f"Of {counted(len(lost), 'further pair')} neither candidate met a target in any run.")
    told.append("Words hold however often one looked; effects are corrected for stopping.")
    suite = results.suite
    judged = [what for what, field in (("claims", "claims"), ("interactions", "designs")) if suite.get(field)]
    if judged:
        what, share = " and ".join(judged).capitalize(), percent(level_of(said).difference)
        told.append(f"{what} are judged at the last look, at {share}: that is 5 % however often one looked.")
    if said.get("replanned"):
        told.append("But the plan was changed after looks were taken: words are then wrong more often than 5 %.")
    return told


def needed_lines(results: Any) -> list[str]:
    """What `--until decided` would need, of a run with fixed seeds that has left something undecided."""
    found = results.outlook()
    if getattr(results, "until", None) or found.seeds is None:
        return []
    ran = int(found.table["seeds"].max())
    if found.open:
        left = counted(found.open, "question")
        return [f"--until decided would leave about {left} open, of what can be told from this run"]
    if found.seeds <= ran:
        return []
    more = f", {duration(found.minutes)} more" if found.minutes is not None else ""
    return [f"--until decided would need about {found.seeds} seeds{more}"]


def duration(minutes: float) -> str:
    if minutes >= SHORT:
        return counted(round(minutes), "minute")
    return counted(max(1, round(60 * minutes)), "second")


def counted(number: int, what: str) -> str:
    """1 seed, 2 seeds."""
    return f"{number} {what}{'s' if number != 1 else ''}"


def least_words(row: Mapping[str, Any]) -> str:
    """The least difference of a row of `least_table`."""
    if math.isnan(row["least"]):
        return "–"
    return "none" if math.isinf(row["least"]) else percent(row["least"])
