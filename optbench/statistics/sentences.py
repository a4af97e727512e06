"""The two questions' answers in words: about each candidate in focus, or about groups."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optbench.statistics.numerals import listing, percent, points, ratio_with_interval

if TYPE_CHECKING:
    from optbench.statistics.questions import Question
    from optbench.statistics.versus import Comparison

#: question: what it says of one against another, by word
SAID = {
    "time": {
        "faster": "trains faster than {}",
        "slower": "trains slower than {}",
        "equal": "trains as fast as {} (within {})",
        "undecided": "is not told apart from {} in speed",
    },
    "result": {
        "better": "ends better than {}",
        "worse": "ends worse than {}",
        "equal": "ends as well as {} (within {})",
        "undecided": "is not told apart from {} in the result",
    },
}
#: question: (the word of a lead, of a lag, verb)
LEADS = {"time": ("faster", "slower", "trains"), "result": ("better", "worse", "ends")}
HEADS = {"time": "how fast", "result": "how well"}
#: so many names stand by themselves in a count
NAMED = 2
#: names, groups or leads of a kind in a sentence; of more, a few of them or their number
LEADERS = 8


def effect_text(question: "Question", c: "Comparison") -> str:
    """0.71 [0.66, 0.77], or +0.8 % [+0.3, +1.3], with a 95 % interval by itself."""
    return (ratio_with_interval if question.unit == "ratio" else points)(c.effect, c.low, c.high)


def against_text(question: "Question", c: "Comparison") -> str:
    """trains faster than sgd: 0.71 [0.66, 0.77] times its steps; with the reason where it is undecided."""
    said = SAID[question.name][c.word].format(c.against, percent(question.margin))
    if math.isnan(c.effect):
        return f"{said}: {c.reason}"
    unit = f" times its {question.metric}" if question.unit == "ratio" else f" {question.metric}"
    where = "" if c.workloads == len(question.workloads) else f", on {c.workloads} workloads that both ran on"
    return f"{said}: {effect_text(question, c)}{unit}{where}" + (f", {c.reason}" if c.reason else "")


def about_focus(questions: Sequence["Question"], name: str, baseline: str | None) -> list[str]:
    """One text a question, the verb first: against the baseline, then how many of all others."""
    found = []
    for question in questions:
        base = question.between(name, baseline) if baseline and baseline != name else None
        number = counts(question, name)
        if number:
            parts = [against_text(question, base)] if base is not None else []
            verb = "" if parts else f"{LEADS[question.name][2]} "
            found.append("; ".join([*parts, verb + number]))
    return found


def counts(question: "Question", name: str) -> str:
    """faster than 5 of 7, equal to adam (within 5 %), slower than none, 1 undecided."""
    words = question.words(name)
    total = sum(map(len, words.values()))
    if not total:
        return ""
    ahead, behind, _ = LEADS[question.name]
    parts = [f"{ahead} than {len(words.get(ahead, ())) or 'none'} of {total}"]  # type: ignore[call-overload]
    if equal := words.get("equal"):
        parts.append(f"equal to {_some(equal)} (within {percent(question.margin)})")
    parts.append(f"{behind} than {_some(words.get(behind, []))}")  # type: ignore[call-overload]
    if unknown := words.get("undecided"):
        parts.append(f"{len(unknown)} undecided")
    return ", ".join(parts)


def _some(names: Sequence[str]) -> str:
    return listing(names) if 0 < len(names) <= NAMED else str(len(names) or "none")


def about_groups(questions: Sequence["Question"], baseline: str | None) -> list[str]:
    """One text a question where nobody is in focus: the groups, then who is told apart from the baseline."""
    found = []
    for question in questions:
        if question.comparisons:
            parts = [grouped(question), *([b] if baseline and (b := from_baseline(question, baseline)) else [])]
            found.append(f"{HEADS[question.name]}: {'; '.join(parts)}")
    return found


def grouped(question: "Question") -> str:
    """adam, rmsprop < sgd < momentum (…): whoever stands left of < is ahead of everyone on the right."""
    ahead = LEADS[question.name][0]
    total, equal = len(question.comparisons), len(question.groups.equal)
    apart = sum(c.word not in ("equal", "undecided") for c in question.comparisons)
    tally = f"{apart} of {total} pairs told apart"
    if equal:
        tally += f", {equal} equal within {percent(question.margin)}"
    groups = question.groups
    if len(groups.order) > 1:
        return f"{_few(groups.order)} ({ahead} on the left of <; {tally})"
    leads = [f"{a} {ahead} than {b}" for a, b in groups.within]
    return f"no group is ahead of all others ({tally}" + (f": {listing(leads)})" if 0 < len(leads) <= LEADERS else ")")


def _few(order: Sequence[Sequence[str]]) -> str:
    """adam, rmsprop < sgd; of many names and many groups the first ones."""
    parts = [", ".join(g[:LEADERS]) + (f" and {len(g) - LEADERS} more" if len(g) > LEADERS else "") for g in order]
    further = len(parts) - LEADERS
    return " < ".join([*parts[:LEADERS], f"{further} groups more"] if further > 1 else parts)


def from_baseline(question: "Question", baseline: str) -> str:
    """faster than sgd: adam and rmsprop; slower: momentum; equal …; undecided …"""
    found: dict[str, list[str]] = {}
    for c in question.about(baseline):
        other = question.between(c.against, baseline)
        if other is not None:
            found.setdefault(other.word, []).append(other.candidate)
    ahead, behind, _ = LEADS[question.name]
    heads = {
        ahead: f"{ahead} than {baseline}",
        "equal": f"equal to {baseline}",
        behind: f"{behind} than {baseline}",
        "undecided": f"undecided against {baseline}",
    }
    return "; ".join(f"{head}: {listing(found[word], LEADERS)}" for word, head in heads.items() if word in found)


def headline(questions: Sequence["Question"], focus: Sequence[str], baseline: str | None) -> str:
    """The shortest answer: about the first in focus against the baseline, else who is ahead of all others."""
    if focus:
        said = []
        for question in questions:
            base = question.between(focus[0], baseline) if baseline else None
            if base is not None:
                said.append(SAID[question.name][base.word].format(base.against, percent(question.margin)))
            elif number := counts(question, focus[0]):
                said.append(f"{LEADS[question.name][2]} {number}")
        return f"{focus[0]} {' and '.join(said)}." if said else f"{focus[0]} ran alone."
    for question in questions:
        if len(question.groups.order) > 1:
            ahead, _, verb = LEADS[question.name]
            first = question.groups.order[0]
            level = " (not told apart from each other throughout)" if len(first) > 1 else ""
            who = f"{verb[:-1] if len(first) > 1 else verb}"
            return f"{listing(first)} {who} {ahead} than all others{level}."
    if not any(q.told for q in questions):
        return "Undecided: no candidate is told apart from another."
    return "No candidate is ahead of all others; some pairs are told apart."


def power_sentence(questions: Sequence["Question"]) -> list[str]:
    """this run can tell 6 % in speed, 0.4 % in the result (80 % power); nothing where it cannot be said."""
    what = {"time": "in speed", "result": "in the result"}
    known = [q for q in questions if math.isfinite(q.least) and q.least > 0]
    told = ", ".join(f"{percent(q.least)} {what[q.name]}" for q in known)
    return [f"this run can tell {told} (80 % power)"] if told else []
