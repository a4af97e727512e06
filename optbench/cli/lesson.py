"""`optbench lesson`: one topic of a course, run and shown; or all of them, listed or as a booklet."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from optbench.cli import names
from optbench.cli.app import app
from optbench.cli.guard import UNDRAWN
from optbench.cli.options import AsJson, Seeds
from optbench.cli.printing import records, show_json, to_errors, warned
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
    as_json: AsJson = False,
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
        return listed(course, as_json)
    press = None
    if booklet is not None:
        from optbench.report.page.booklet import booklet as print_booklet
        from optbench.report.page.booklet import chromium

        press = partial(print_booklet, out=booklet, browser=chromium())  # none is found before anything is run
    works = None if about is None else workloads_of(course, about)
    results: Any = None
    if works is None or works:
        results = watched(
            suite, engine, folder, workloads=works, seeds=seeds, report=works is None, language=spoken, quiet=as_json
        )  # fmt: skip
    if about is None:
        page = folder / "report.html"
    else:
        part = part_of(course, about, plugins, works or [])
        if seeds is not None:
            part["seeds"] = seeds
        results = lesson_results(folder, part)
        page = written(results, folder / "lessons" / f"{slug(about.name)}.html", spoken, say=not as_json)
        warned(results.undrawn)
    say: Any = to_errors if as_json else print
    say(f"page: {page}")
    printed = None if press is None else press(page)
    if printed is not None:
        say(f"booklet: {printed}")
    if as_json:
        show_json({
            "suite": course.title,
            "folder": folder,
            "topics": [topic_document(topic) for topic in ([about] if about else course.topics)],
            "claims": records(results.claims()),
            "cautions": records(results.cautions()),
            "page": page,
            "booklet": printed,
        })  # fmt: skip
    if open_:
        opened(page)
    failed = failures(results) if len(results.trials) else 0
    return failed or (UNDRAWN if results.undrawn else 0)


def listed(course: Any, as_json: bool) -> int:
    """The topics of a course, in its order."""
    from optbench.cli.printing import show
    from optbench.report.terminal.lesson import topic_lines

    if as_json:
        show_json({"suite": course.title, "topics": [topic_document(topic) for topic in course.topics]})
    else:
        show(topic_lines([topic.model_dump(mode="json") for topic in course.topics]), soft_wrap=True)
    return 0


def topic_document(topic: Any) -> dict[str, Any]:
    """A topic as the suite has it, and what `optbench lesson` calls it."""
    from optbench.registry.catalogue import slug

    return {"topic": slug(topic.name), **topic.model_dump(mode="json")}


def written(results: Any, file: Path, language: str, say: bool) -> Path:
    """Write the page of a lesson in this language, and print the lesson if asked to."""
    from optbench.cli.printing import show
    from optbench.report import write
    from optbench.report.page.garbage import seldom
    from optbench.report.sections.lesson import lessons
    from optbench.report.terminal.lesson import lesson_lines
    from optbench.report.words.standing import environment_lines

    with seldom():
        if say:
            (section,) = lessons(results, results.curves)
            show(lesson_lines(section, results.suite.topic["formula"]), soft_wrap=True)
            print()
            for line in environment_lines(results):
                print(line)
            if count := len(results.cautions()):
                print(f"cautions: {count}, which the page tells before the lesson")
        return write(results, file.parent, file, failed=results.undrawn.append, language=language)


def opened(page: Path) -> None:
    """Show a page in the browser that this machine uses; where it has none, that is said and no failure."""
    import webbrowser

    if not webbrowser.open(page.absolute().as_uri()):
        print(f"warning: no browser could be opened; the page is {page}", file=sys.stderr)
