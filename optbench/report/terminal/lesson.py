"""A lesson in a terminal: what its section of the page says, without the pictures; and what lessons there are."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from optbench.registry.catalogue import slug
from optbench.report.parts import Section
from optbench.report.terminal.claims import COLORS
from optbench.report.terminal.leaderboard import WIDTH
from optbench.report.words.formula import formula_lines
from optbench.report.words.numbers import plain
from optbench.statistics.numerals import listing

#: columns that stand free to the left of formulas, verdicts and code
INDENT = 4


def lesson_lines(section: Section, formula: str) -> list[Text]:
    """A lesson's section, without its pictures; lines have at most 80 columns, but for an exercise's.

    formula   as the topic has it, in mathtext
    """
    lecture = section.lecture
    parts = [Text(plain(section.title), style="bold")]
    for paragraph in (*lecture.problem, *section.paragraphs):
        parts += [Text(), _paragraph(paragraph)]
    if lines := list(formula_lines(formula)):
        parts += [Text(), *(_paragraph(line, INDENT) for line in lines)]
    if lecture.programs:
        names = listing([plain(name) for name, _ in lecture.programs])
        parts += [Text(), _paragraph(f"The page has the program for {names}.")]
    if lecture.verdicts:
        parts += _heading("What the runs say")
        for number, (statement, where, sentence) in enumerate(lecture.verdicts, 1):
            parts += [_paragraph(f"{number:2}. {statement} ({where})", INDENT, first=0), _judged(sentence)]
    if lecture.takeaway:
        parts += [*_heading("Take away"), Text(_wrapped(lecture.takeaway), style="bold")]
    if lecture.practice:
        parts += _heading("In practice")
        for number, paragraph in enumerate(lecture.practice):
            parts += [*([Text()] if number else []), _paragraph(paragraph)]
    if lecture.exercise:
        # its lines as they are: they are copied from here
        parts += [*_heading("Exercise"), *(Text(" " * INDENT + plain(line)) for line in lecture.exercise.splitlines())]
    if lecture.source:
        parts += [Text(), _paragraph(f"Source: {lecture.source}.")]
    return parts


def topic_lines(topics: Sequence[Mapping[str, Any]]) -> Iterator[Text]:
    """Each topic as it is typed, and what is to be remembered of it, or else how its explanation begins."""
    for topic in topics:
        sentence = topic.get("takeaway") or " ".join(topic["text"].split()).partition(". ")[0].rstrip(".") + "."
        yield Text(slug(topic["name"]), style="bold")
        yield _paragraph(sentence, INDENT, first=INDENT)


def _heading(words: str) -> list[Text]:
    return [Text(), Text(words, style="underline")]


def _wrapped(text: str, indent: int = 0, first: int | None = None) -> str:
    return textwrap.fill(
        plain(text), WIDTH, initial_indent=" " * (indent if first is None else first), subsequent_indent=" " * indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _paragraph(text: str, indent: int = 0, first: int | None = None) -> Text:
    return Text(_wrapped(text, indent, first))


def _judged(sentence: str) -> Text:
    """A verdict's sentence, the word in the colour that it has everywhere."""
    text = _paragraph(sentence, INDENT)
    for word, style in COLORS.items():
        text.highlight_regex(rf"(?i)\b{word}\b", style)
    return text
