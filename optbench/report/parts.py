"""What the page is made of: sections with pictures."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A figure on the page. `name` is its file's, `description` stands for it where it cannot be seen."""

    name: str
    description: str
    caption: str
    draw: Callable[[], Figure]


@dataclass(frozen=True)
class Shown:
    """A drawn picture, as the template shows it; `problem` where drawing failed."""

    name: str
    caption: str
    description: str
    svg: str = ""
    png: str = ""
    vector: str = ""
    problem: str = ""


@dataclass
class Section:
    """A heading with its pictures; `kind` chooses what else the template puts there.

    A lesson has `paragraphs` and `formulas` (<svg> elements) in front of its pictures.
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
