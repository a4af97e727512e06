"""`optbench lesson`: one topic of a course, run and shown; or all of them, listed or as a booklet."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from optbench.cli import names
from optbench.cli.app import app
from optbench.cli.guard import UNDRAWN
from optbench.cli.options import Seeds
from optbench.cli.printing import warned
from optbench.cli.run import failures, watched
from optbench.contract.errors import OptbenchError


@app.command()
def lesson(
    topic: Annotated[
        str | None,
        typer.Argument(autocompletion=names.topics, help="A topic, such as momentum; without it they are listed."),
    ] = None,
    suite: Annotated[
        str,
        typer.Option(
            autocompletion=names.suites, help="The course: a suite with topics, by its name or as a TOML file."
        ),
    ] = "fundamentals",
    engine: Annotated[
        str, typer.Option(help="serial; local:N for N processes, local is one a core; dask:tcp://host:8786.")
    ] = "local",
    out: Annotated[
        Path | None, typer.Option(help="Folder for results, shared with optbench run; default results/SUITE.")
    ] = None,
    seeds: Seeds = None,
    booklet: Annotated[
        Path | None, typer.Option(help="Print to this PDF, too, by Chromium; without TOPIC the whole course.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Of the page, such as zh; default: OPTBENCH_LANGUAGE, else English.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> int:
    """Run one TOPIC of a course and show it: the idea, its formula, what the runs say, what to remember, do and try.

    Only what the topic needs is run, and finished trials are not run again. Its page goes to DIR/lessons. For a booklet
    of the whole course all of it is run; any browser prints the page in the same way.

    Exit status 1 where trials failed by more than divergence, 3 where only figures of the page could not be drawn.
    """
    from optbench.language import chosen
    from optbench.registry.catalogue import slug
    from optbench.registry.registry import registry
    from optbench.results.lessons import lesson_results
    from optbench.suite import load
    from optbench.suite.lessons import lesson as part_of
    from optbench.suite.lessons import topic_named, workloads_of

    spoken, plugins = chosen(language), registry()
    course = load(suite, plugins)
    folder = out if out is not None else Path("results") / Path(suite).stem
    about = None if topic is None else topic_named(course, topic, suite)
    if about is None and not course.topics:
        raise OptbenchError(f"{suite} has no topics; `optbench lesson` shows those that a suite has as [[topics]]")
    if about is None and booklet is None:
        return listed(course)
    press = None
    if booklet is not None:
        from optbench.report.page.booklet import booklet as print_booklet
        from optbench.report.page.booklet import chromium

        press = partial(print_booklet, out=booklet, browser=chromium())  # none is found before anything is run
    works = None if about is None else workloads_of(course, about)
    results: Any = None
    if works is None or works:
        results = watched(suite, engine, folder, workloads=works, seeds=seeds, report=works is None, language=spoken)
    if about is None:
        page = folder / "report.html"
    else:
        part = part_of(course, about, plugins, works or [])
        if seeds is not None:
            part["seeds"] = seeds
        results = lesson_results(folder, part)
        page = shown(results, folder / "lessons", slug(about.name), spoken)
        warned(results.undrawn)
    print(f"page: {page}")
    if press is not None:
        print(f"booklet: {press(page)}")
    if open_:
        opened(page)
    failed = failures(results) if len(results.trials) else 0
    return failed or (UNDRAWN if results.undrawn else 0)


def listed(course: Any) -> int:
    """The topics of a course, in its order."""
    from optbench.cli.printing import show
    from optbench.report.terminal.lesson import topic_lines

    show(topic_lines([topic.model_dump(mode="json") for topic in course.topics]), soft_wrap=True)
    return 0


def shown(results: Any, place: Path, name: str, language: str) -> Path:
    """Print a lesson, and write its page in this language."""
    from optbench.cli.printing import show
    from optbench.report import write
    from optbench.report.page.garbage import seldom
    from optbench.report.sections.lesson import lessons
    from optbench.report.terminal.lesson import lesson_lines
    from optbench.report.words.standing import environment_lines

    with seldom():
        (section,) = lessons(results, results.curves)
        show(lesson_lines(section, results.suite.topic["formula"]), soft_wrap=True)
        print()
        for line in environment_lines(results):
            print(line)
        if count := len(results.cautions()):
            print(f"cautions: {count}, which the page tells before the lesson")
        return write(results, place, place / f"{name}.html", failed=results.undrawn.append, language=language)


def opened(page: Path) -> None:
    """Show a page in the browser that this machine uses; where it has none, that is said and no failure."""
    import webbrowser

    if not webbrowser.open(page.absolute().as_uri()):
        print(f"warning: no browser could be opened; the page is {page}", file=sys.stderr)
