"""Topics: what a suite's claims are about, as a lesson."""

from typing import Literal

from optbench.suite.base import Lines, Model, Name, Text


class Topic(Model):
    """See `[[topics]]` of a suite. Their order is that of the page.

    name           what claims and workloads give as their topic
    text           a short explanation, in plain words; an empty line begins a paragraph
    formula        one formula a line, in matplotlib's mathtext, without dollar signs
    illustration   a figure that needs no data: averages (exponentially weighted ones, of a made-up series)
    """

    name: Name
    text: Text
    formula: Lines = ""
    illustration: Literal["averages"] | None = None
