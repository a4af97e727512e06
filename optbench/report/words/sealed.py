"""Sealed variants in words: whether a lead carries over."""

from collections.abc import Mapping
from typing import Any

from optbench.report.words.numbers import plain
from optbench.statistics.numerals import listing, points, ratio_with_interval

#: behind "the lead"; what is told of a p beside it
WORDS = {
    "carries over": "carries over",
    "shrinks": "carries over in part",
    "does not carry over": "does not carry over",
    "undecided": "may carry over or not: undecided",
}
HEADS = {"time": "in speed", "result": "in the result"}


def sealed_sentences(results: Any) -> list[str]:
    """A sentence a question and lead: on how many sealed variants it is what, and whether it carries over; nothing of
    other runs."""
    read = getattr(results, "sealed", None)
    if read is None or not results.sealing:
        return []
    table = read()
    rows = table.to_dict("records")
    found = [lead_sentence(row) for row in rows if row["word"] != "no lead"]
    for question in dict.fromkeys(table["question"]):
        for candidate in dict.fromkeys(table["candidate"]):
            of = [r for r in rows if (r["question"], r["candidate"]) == (question, candidate)]
            none = [str(r["against"]) for r in of if r["word"] == "no lead"]
            if none:
                where = f"{HEADS[question]} on the bases of the sealed variants"
                found.append(plain(f"{candidate} has no lead over {listing(none)} {where} that could carry over."))
    if not rows:
        return ["Sealed variants: too few runs for a comparison."]
    return found


def lead_sentence(row: Mapping[str, Any]) -> str:
    """On 6 sealed variants mine is 1.12 [1.05, 1.20] times as fast as adam; on their bases 1.30 [1.21, 1.40]: the lead
    carries over in part (a change of 0.86 [0.80, 0.93], p = 0.003)."""
    if row["question"] == "time":
        there = f"is {effect_text(row, '')} times as fast as {row['against']}"
    else:
        there = f"ends {effect_text(row, '')} better than {row['against']}"
    number = f"{row['variants']} sealed variant{'s' if row['variants'] != 1 else ''}"
    here = effect_text(row, "_on_bases")
    change = f"a change of {effect_text(row, 'change')}, p = {row['p_change']:.2g}"
    return plain(
        f"On {number} {row['candidate']} {there}; on their bases {here}: the lead "
        f"{WORDS[row['word']]} ({change})."
    )


def effect_text(row: Mapping[str, Any], where: str) -> str:
    """A lead with its interval: on the variants (""), on their bases ("_on_bases"); its change ("change")."""
    names = [f"{end}{where}" for end in ("lead", "low", "high")]
    if where == "change":
        names = ["change", "low_change", "high_change"]
    ends = [float(row[name]) for name in names]
    return ratio_with_interval(*ends) if row["question"] == "time" else points(*ends)


def sealed_lines(results: Any) -> list[str]:
    """The same for the terminal."""
    return [f"sealed: {text}" for text in sealed_sentences(results)]


