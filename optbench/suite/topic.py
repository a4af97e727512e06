"""Topics: what a suite's claims are about, as a lesson."""

from typing import Annotated, Literal

from pydantic import Field

from optbench.suite.base import Model, Name


class Topic(Model):
    """See `[[topics]]` of a suite. Their order is that of the page.

    name           what claims and workloads give as their topic
    text           a short explanation, in plain words; an empty line begins a paragraph
    formula        one formula a line, in matplotlib's mathtext, without dollar signs
    illustration   a figure that needs no data: averages (exponentially weighted ones, of a made-up series)
    """

    name: Name
    text: Annotated[str, Field(min_length=1)]
    formula: str = ""
    illustration: Literal["averages"] | None = None
