"""What the page shows, in its order: the comparison, the lessons, the claims, and the record of how it was done."""

from typing import Any

import pandas as pd

from optbench.report.parts import Picture, Section
from optbench.report.sections.board import board_sections
from optbench.report.sections.claims import claim_sections
from optbench.report.sections.context import Context, context
from optbench.report.sections.first import first_picture
from optbench.report.sections.interactions import interaction_sections
from optbench.report.sections.layers import layer_sections
from optbench.report.sections.lesson import lessons
from optbench.report.sections.quality import quality_sections
from optbench.report.sections.ranks import rank_sections
from optbench.report.sections.record import record_sections
from optbench.report.sections.speed import speed_sections
from optbench.report.sections.tuning import tuning_sections
from optbench.report.topics import only_lesson, told
from optbench.suite.lessons import Lesson

__all__ = ["Context", "context", "pictures", "sections"]


def sections(about: Context) -> list[Section]:
    """All sections of the page. Those without anything to show are left out or say so in a sentence."""
    results: Any = about.results
    claims: pd.DataFrame = results.claims()
    topics = [topic["name"] for topic in told(results.suite)]
    others = claim_sections(claims[~claims["topic"].isin(topics)] if "topic" in claims else claims)
    if only_lesson(results.suite):
        # of a topic that only explains there is nothing to record
        record = record_sections(about) if len(about.trials) or not isinstance(results.suite, Lesson) else []
        return [*lessons(results, about.curves), *others, *record]
    board, *rest = board_sections(about)
    return [
        board,
        *lessons(results, about.curves),
        *others,
        *interaction_sections(about),
        *rest,
        *speed_sections(about),
        *tuning_sections(about),
        *rank_sections(about),
        *quality_sections(about),
        *layer_sections(about),
        *record_sections(about),
    ]


def pictures(about: Context) -> list[Picture]:
    """All pictures of the page, the first screen's first."""
    first = first_picture(about)
    return [*([first] if first else []), *(picture for part in sections(about) for picture in part.pictures)]
