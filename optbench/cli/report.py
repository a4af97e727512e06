"""`optbench report`: draw the page of a run again."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.options import AsJson
from optbench.cli.printing import results_document, show_json, show_leaderboard, warned
from optbench.contract.text import visible


@app.command()
def report(
    folder: Annotated[
        Path, typer.Argument(help="A run's folder, a store's file or an archive; or that of a training.", metavar="DIR")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The page's file; default DIR/report.html, of x.sqlite.xz x/report.html.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Say what changed since this run: a folder, an archive, or reference.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Of the page, such as zh; default: OPTBENCH_LANGUAGE, else English.")
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures", help="Write its figures as PNG and PDF, too; later: optbench figures.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Draw the report of a run again, and print its leaderboard.

    Figures (SVG) and tables go to folders beside the page of an archive, else into DIR.

    Of a training, the folder of an optbench train, this is its page, DIR/train.html.

    Exit status 3 where a figure could not be drawn: the page says so in its place.
    """
    from optbench.lab.watched import holds_training
    from optbench.report.page.garbage import seldom

    if holds_training(folder):
        return _training(folder, out, against, figures, as_json)
    with seldom():  # imports, too, are many objects that stay
        return _report(folder, out, against, figures, as_json, language)


def _report(
    folder: Path, out: Path | None, against: Path | None, figures: bool, as_json: bool, language: str | None
) -> int:
    from optbench.api import load
    from optbench.language import chosen
    from optbench.report import write
    from optbench.report.pictures.fonts import boxed
    from optbench.results.archives import pages_of
    from optbench.store.store import STORE

    def tell(text: str) -> None:
        print(visible(f"note: {text}"), file=sys.stderr)

    spoken = chosen(language)
    results = load(folder)
    if note := boxed(results.suite):
        tell(note)
    extra = []
    if against is not None:
        from optbench.report.sections.changes import changes_section
        from optbench.report.words.changes import headline
        from optbench.results.comparison import compare

        found = compare(against, results)
        extra = [changes_section(found)]
    place = out.parent if out is not None and not (folder / STORE).exists() else pages_of(folder)
    page = write(results, place, out, extra, results.undrawn.append, figures, spoken, tell)
    if as_json:
        changes = None if against is None else headline(found)
        show_json({**results_document(results), "page": page, "changes": changes})
    else:
        show_leaderboard(results)
        if against is not None:
            print(f"against {against}: {headline(found)}")
        print(f"report: {page}")
    return warned(results.undrawn)


def _training(folder: Path, out: Path | None, against: Path | None, figures: bool, as_json: bool) -> int:
    from optbench.contract.errors import OptbenchError
    from optbench.lab.watched import read
    from optbench.report.page.watched import write_training
    from optbench.report.words.trainings import headline

    if against is not None:
        raise OptbenchError(f"--against: {folder} holds a training, see: optbench train --compare {folder} DIR")
    training = read(folder)
    undrawn: list[str] = []
    page = write_training(training, out, undrawn.append, figures)
    if as_json:
        show_json({"headline": headline(training), "page": page})
    else:
        print(headline(training))
        print(f"report: {page}")
    return warned(undrawn)
