"""What the page is made of: sections with pictures and tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from matplotlib.figure import Figure

from optbench.language import N_
from optbench.report.tables.table import Table

#: where a section stands in the table of contents
GROUPS = (
    N_("Result"), N_("Lessons"), N_("Claims"), N_("Speed"), N_("Tuning"), N_("Statistics"), N_("Comparison"),
    N_("Record"),
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A figure on the page. `name` is its file's, `description` stands for it where it cannot be seen."""

    name: str
    description: str
    caption: str
    draw: Callable[[], Figure]


@dataclass(frozen=True)
class Shown:
    """A drawn picture, as the template shows it; `problem` where drawing failed.

    panels   <svg> elements with the number of the workload each shows ("" for none)
    legend   (key, candidate, <svg> of its look)
    links    (kind, address) of its files
    """

    name: str
    caption: str
    description: str
    panels: list[tuple[str, str]] = field(default_factory=list)
    legend: list[tuple[str, str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True)
class Lecture:
    """What a lesson's section has beside pictures, explanation and tables, in the order of the page.

    problem              paragraphs at the top
    first                so many pictures stand before the explanation, the others behind it
    verdicts             (statement, where and who says so, sentence) of each claim, before the table
    programs             (name, text) of one training in several frameworks, side by side behind the pictures
    takeaway, practice, exercise, source   behind everything else; "" or no paragraph: none
    """

    problem: list[str] = field(default_factory=list)
    first: int = 0
    verdicts: list[tuple[str, str, str]] = field(default_factory=list)
    takeaway: str = ""
    practice: list[str] = field(default_factory=list)
    exercise: str = ""
    source: str = ""
    programs: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Section:
    """A heading with what stands under it; `kind` chooses what else the template puts there.

    group        of the table of contents
    open         whether it is unfolded at first; a lesson is no fold at all (`fold` False)
    gist         half a sentence beside the heading, so that a folded section says what is in it
    paragraphs, formulas   in front of the pictures; formulas are <svg> elements
    notes        sentences behind the tables
    lecture      of a lesson
    """

    id: str
    title: str
    text: str = ""
    pictures: list[Picture] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    kind: str = ""
    rows: Any = None
    paragraphs: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    links: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    group: str = "Result"
    open: bool = False
    fold: bool = True
    gist: str = ""
    lecture: Lecture = field(default_factory=Lecture)
