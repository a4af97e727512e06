"""Topics: what a suite's claims are about, as a lesson."""

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from optbench.contract.errors import near
from optbench.suite.base import Line, Lines, Model, Name, Text, one_or_many, problem

#: figures that explain a topic without data, by what suites call them; `report.sections.lesson_pictures` draws them
ILLUSTRATIONS = (
    "activation-spread", "averages", "batch-paths", "frameworks", "input-scales", "search-samples", "symmetric-units",
)  # fmt: skip
#: lines of an exercise: what is longer is a program, and belongs into a file
LONGEST_EXERCISE = 5


class Topic(Model):
    """See `[[topics]]` of a suite. Their order is that of the page, and that of the fields is that of the section.

    name            what claims and workloads give as their topic
    problem         what goes wrong without it
    illustrations   figures that need no data, by name (`ILLUSTRATIONS`)
    text            the idea, in plain words; an empty line begins a paragraph
    formula         one formula a line, in matplotlib's mathtext, without dollar signs
    takeaway        the sentence to remember
    practice        what to do
    exercise        a command, or up to five lines of Python; the page shows it and runs nothing
    source          who says so
    """

    name: Name
    problem: Lines = ""
    illustrations: Annotated[tuple[str, ...], Field(strict=False)] = ()
    text: Text
    formula: Lines = ""
    takeaway: Line = ""
    practice: Lines = ""
    exercise: Lines = ""
    source: Line = ""

    @model_validator(mode="before")
    @classmethod
    def _singular(cls, table: Any) -> Any:
        # of suites in older stores, which had one or None
        if isinstance(table, dict) and table.get("illustration", "") is None:
            table = {k: v for k, v in table.items() if k != "illustration"}
        table = one_or_many(table, "illustration", "illustrations")
        if isinstance(table, dict) and isinstance(table.get("illustrations"), str):
            table["illustrations"] = [table["illustrations"]]
        return table

    @field_validator("illustrations")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in ILLUSTRATIONS:
                raise problem(f"there is no illustration {name!r}; {near(name, ILLUSTRATIONS)}")
        return names

    @field_validator("exercise")
    @classmethod
    def _short(cls, text: str) -> str:
        lines = text.strip("\n").splitlines()
        if len(lines) > LONGEST_EXERCISE:
            raise problem(f"an exercise has at most {LONGEST_EXERCISE} lines, got {len(lines)}")
        return "\n".join(lines)
