"""The page: one file that opens from disk, the verdict first, then what it rests on."""

import base64
import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from optbench.contract.errors import OptbenchError
from optbench.language import gettext as _
from optbench.language import lacking, speaking, spoken, tag
from optbench.report import frames
from optbench.report.page.garbage import seldom
from optbench.report.page.press import WORTH, Press
from optbench.report.page.saving import finish, save_tables, show
from optbench.report.page.template import rendered, text_of
from optbench.report.parts import GROUPS, Picture, Section, Shown
from optbench.report.pictures.formats import FORMATS
from optbench.report.pictures.swatch import again, symbol
from optbench.report.pictures.wide import unseen
from optbench.report.sections import Context, context, sections
from optbench.report.sections.first import cautions_of, first_picture
from optbench.report.spoken import told_by
from optbench.report.topics import only_lesson
from optbench.report.words.controls import claims_headline
from optbench.report.words.numbers import plain
from optbench.report.words.until import until_sentences
from optbench.report.words.verdict import verdict as ranking_verdict
from optbench.running.engine import cores
from optbench.suite.lessons import Lesson

#: kinds of components that candidates can be chosen by
KINDS = ("optimizer", "schedule", "initializer", "normalizer", "regularizer")


class ResultsLike(Protocol):
    """What the page asks of `optbench.results.results.Results`."""

    @property
    def trials(self) -> pd.DataFrame: ...

    @property
    def curves(self) -> pd.DataFrame: ...

    @property
    def suite(self) -> dict[str, Any]: ...

    @property
    def environment(self) -> dict[str, Any]: ...

    @property
    def problems(self) -> list[str]: ...

    @property
    def title(self) -> str: ...

    def leaderboard(self) -> pd.DataFrame: ...

    def claims(self) -> pd.DataFrame: ...


def write(
    results: ResultsLike,
    folder: str | Path,
    out: str | Path | None = None,
    extra: Sequence[Section] = (),
    failed: Callable[[str], Any] | None = None,
    figures: bool = False,
    language: str | None = None,
    note: Callable[[str], Any] | None = None,
) -> Path:
    """Write the page to `out` (default folder/report.html), its figures to folder/figures, its tables to folder/tables.

    Returns the page's path. The page holds its drawings, style and script itself: it needs no other file and no
    network. `extra` sections stand before the record; `failed` is told of each figure that could not be drawn, as the
    page is. Figures are SVG files; PNG and PDF, too, with `figures`, and where such a file is there from before. In
    this `language`, such as "zh", or that of OPTBENCH_LANGUAGE; English otherwise, and where a catalogue lacks a text,
    which `note` is told.
    Raises `OptbenchError` where a file cannot be written.
    """
    folder = Path(folder)
    page = Path(out) if out is not None else folder / "report.html"
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        with seldom(), speaking(language) as speech:
            text = render(told_by(results), folder, page, extra, failed, figures)
            if note is not None:
                for told in filter(None, (unseen(), lacking(speech))):
                    note(told)
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OptbenchError(
            f"cannot write the report to {error.filename or page}: {error.strerror}"
        ) from error
    return page


def render(
    results: ResultsLike,
    folder: Path,
    page: Path,
    extra: Sequence[Section] = (),
    failed: Callable[[str], Any] | None = None,
    figures: bool = False,
) -> str:
    """The page's text; writes figures and tables into `folder`, which the page at `page` links to."""
    from markupsafe import Markup

    about = context(results)
    workloads = {name: f"w{i}" for i, name in enumerate(about.workloads)}
    with Press(finish, language=spoken(), second=len(about.order) * len(workloads) >= WORTH and cores() > 1) as press:
        parts = sections(about)
        record = next((i for i, part in enumerate(parts) if part.group == "Record"), len(parts))
        parts[record:record] = extra
        first = draw(parts, about, folder, page, workloads, press, FORMATS if figures else ())
    for one in (*([first] if first else []), *(one for part in parts for one in part.shown)):
        if one.problem and failed is not None:
            failed(f"figure {one.name} could not be drawn: {one.problem}")
    headline, sentences = verdict(about)
    sentences = [*sentences, *until_sentences(results)]
    script = text_of("report.js")
    of = kinds_of(about)
    lesson, alone = only_lesson(results.suite), isinstance(results.suite, Lesson)
    hidable = not lesson and len(about.order) > 0
    return rendered(
        "report.html.j2",
        title=results.title or results.suite.get("title") or "optbench",
        description=results.suite.get("title" if alone else "description") or "",
        lesson=lesson,
        alone=alone,
        language=tag(),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        headline=headline,
        sentences=sentences,
        first=first,
        cautions=cautions_of(results, workloads),
        sections=parts,
        groups=[(g, found) for g in GROUPS if (found := [s for s in parts if s.group == g])],
        facts=[] if alone else facts(results, about.trials),
        keys={look.key: again(look) for look in about.styles.values()},
        symbols="".join(symbol(look) for look in about.styles.values()),
        candidates=[(about.styles[n].key, n, of.get(n, {})) for n in about.order] if hidable else [],
        kinds=choices(about) if hidable else {},
        workloads=workloads if hidable else {},
    )


def draw(
    parts: list[Section],
    about: Context,
    folder: Path,
    page: Path,
    workloads: dict[str, str],
    press: Press,
    kinds: Collection[str],
) -> Shown | None:
    """Draw every section's pictures and write its tables; returns the first screen's picture."""
    pictures, sheets = folder / "figures", folder / "tables"
    for made in (pictures, sheets):
        made.mkdir(parents=True, exist_ok=True)

    numbers = count()

    def shown(picture: Picture) -> Callable[[], Shown]:
        return show(picture, pictures, page, workloads, press, kinds, next(numbers))

    picture = first_picture(about)
    first = shown(picture) if picture is not None else None
    waiting = [(part, [shown(picture) for picture in part.pictures]) for part in parts]
    for part in parts:
        save_tables(part, sheets, page)
        for table in part.tables:
            for number, row in enumerate(table.rows):
                key = about.styles[row.candidate].key if row.candidate in about.styles else ""
                table.rows[number] = replace(row, candidate=key, workload=workloads.get(row.workload, ""))
    for part, drawn in waiting:
        part.shown = [result() for result in drawn]
    return first() if first is not None else None


def verdict(about: Context) -> tuple[str, list[str]]:
    """(headline, sentences): what the first screen says; nothing of one topic by itself, which says it below."""
    if isinstance(about.results.suite, Lesson):
        return "", []
    if only_lesson(about.results.suite):
        return claims_headline(about.results.suite, about.results.claims())
    return ranking_verdict(about.board, about.baseline, about.standing)


def kinds_of(about: Context) -> dict[str, dict[str, str]]:
    """{candidate: {kind: the component that it has of it}}."""
    present = [kind for kind in KINDS if kind in about.trials]
    if not present:
        return {}
    rows = about.trials.drop_duplicates("candidate")
    return {
        str(record["candidate"]): {kind: str(record[kind]) for kind in present}
        for record in rows.to_dict("records")
    }


def choices(about: Context) -> dict[str, list[str]]:
    """{kind: its components} where that sorts the candidates into groups: neither all alike nor each its own."""
    of = kinds_of(about)
    found: dict[str, list[str]] = {}
    for kind in KINDS:
        names = [kinds[kind] for kinds in of.values() if kind in kinds]
        several = list(dict.fromkeys(names))
        if 1 < len(several) < len(names):
            found[kind] = several
    return found


def facts(results: Any, trials: pd.DataFrame) -> list[tuple[str, str]]:
    """The numbers under the headline: how much stands behind it."""
    final = frames.finals(trials)
    seeds = final["seed"].nunique() if len(final) else 0
    commit = results.environment.get("commit")
    return [
        (_("candidates"), str(len(frames.names(trials, "candidate")))),
        (_("workloads"), str(len(frames.names(trials, "workload")))),
        (_("fresh seeds"), str(seeds)),
        (_("trials"), f"{len(trials):,}"),
        *([(_("commit"), plain(commit)[:12])] if commit else []),
    ]
