"""A suite whose claims have explained topics is shown as a lesson: a section a topic, in the suite's order.

Each has what goes wrong without it, the idea and its formula, what the runs show, the verdicts in words and as a table,
and what to remember, to do and to try.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from optbench.language import gettext as _
from optbench.report import figures, frames
from optbench.report.parts import Lecture, Picture, Section
from optbench.report.pictures.formula import formula_svg
from optbench.report.pictures.style import candidate_styles
from optbench.report.sections import lesson_pictures as pictures
from optbench.report.sections.lesson_planes import boundaries
from optbench.report.sections.titles import joined, places_of, titled, titles_of
from optbench.report.tables.claims import claims as claims_table
from optbench.report.topics import told
from optbench.report.words.claims import told as said
from optbench.report.words.numbers import plain
from optbench.statistics.claim_sides import sides


def lessons(results: Any, curves: pd.DataFrame) -> list[Section]:
    """A section for each topic of the suite."""
    suite, claims = results.suite, results.claims()
    return [_lesson(topic, suite, claims, results, curves) for topic in told(suite)]


def _lesson(
    topic: Mapping[str, Any],
    suite: Mapping[str, Any],
    claims: pd.DataFrame,
    results: Any,
    curves: pd.DataFrame,
) -> Section:
    name = topic["name"]
    slug = "lesson-" + (re.sub(r"[^a-z0-9]+", "-", topic.get("key", name).lower()).strip("-") or "topic")
    rows = claims[claims["topic"] == name] if len(claims) else claims
    about = [c for c in suite.get("claims", []) if c.get("topic") == name]
    asked = {w for c in about for w in c["workloads"]} | {
        w["name"] for w in suite["workloads"] if w.get("topic") == name
    }
    works = [w for w in suite["workloads"] if w["name"] in asked]
    titles = titles_of(suite, [w["name"] for w in works])
    places = places_of(works)
    # by title, and only what ran here: a legend of nine, not of ninety
    finals = titled(frames.finals(results.trials), places, titles)
    shown = titled(curves, places, titles)
    order = list(dict.fromkeys(titles.values()))
    verdicts = _verdicts(about, rows, results, titles, places)
    drawn: dict[str, Any] = {"styles": candidate_styles(order, "l"), "order": order}
    rows = rows.assign(**{side: rows[side].map(lambda c: titles.get(c, c)) for side in ("better", "worse")})
    rows = rows.assign(workload=rows["workload"].map(lambda names: joined(names, places)))
    first = pictures.illustrations(topic, slug)
    drawings = [
        *first,
        *pictures.contours(works, finals, results, slug, drawn),
        *boundaries(works, finals, results, slug),
        *pictures.layers(works, finals, results, slug, drawn),
        *pictures.curves(shown, finals, pictures.shown_metrics(about, finals, places), slug, drawn),
        *pictures.strips(about, finals, slug, drawn),
    ]
    if len(rows):
        drawings.append(
            Picture(
                f"{slug}-claims",
                _(
                    "{topic}: effects of the claims with 95 % intervals and verdicts; the table below has the numbers."
                ).format(topic=name),
                _(
                    "The paired effect over seeds with its 95 % interval, measured by half of that interval's width, "
                    "so that a claim is the clearer the farther to the right it stands; where the line crosses 0, "
                    "both outcomes fit. A claim of equality holds where the interval lies within the grey band."
                ),
                partial(figures.claims_forest, rows),
            )
        )
    return Section(
        slug,
        name,
        pictures=drawings,
        tables=[claims_table(rows, f"{slug}-claims", name)] if len(rows) else [],
        paragraphs=_paragraphs(topic["text"]),
        formulas=_formulas(topic.get("formula") or ""),
        group="Lessons",
        fold=False,
        lecture=Lecture(
            _paragraphs(topic.get("problem") or ""),
            len(first),
            verdicts,
            topic.get("takeaway") or "",
            _paragraphs(topic.get("practice") or ""),
            topic.get("exercise") or "",
            (topic.get("source") or "").rstrip("."),
            pictures.programs(topic),
        ),
    )


def _verdicts(
    about: Sequence[Mapping[str, Any]],
    rows: pd.DataFrame,
    results: Any,
    titles: Mapping[str, str],
    places: Mapping[str, str],
) -> list[tuple[str, str, str]]:
    judged = {row["statement"]: row for row in frames.records(rows)}
    return [
        (
            plain(claim["statement"]),
            _("; ").join(
                filter(None, (joined(", ".join(claim["workloads"]), places), plain(claim.get("source") or "")))
            ),
            said(claim, judged[claim["statement"]], sides(claim, results.trials, results.level), titles),
        )
        for claim in about
        if claim["statement"] in judged
    ]


def _paragraphs(text: str) -> list[str]:
    """Paragraphs, which empty lines part, in a line each."""
    return [" ".join(p.split()) for p in re.split(r"\n\s*\n", text) if p.strip()]


def _formulas(text: str) -> list[str]:
    try:
        return [formula_svg(line.strip()) for line in text.splitlines() if line.strip()]
    except ValueError:  # not mathtext: a suite of somebody's; its words are better than nothing
        return []
