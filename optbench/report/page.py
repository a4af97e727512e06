"""The page: one file that opens from disk, the verdict first, then what it rests on."""

import json
import os
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from optbench.errors import OptbenchError
from optbench.report import figures, frames, lesson, svg, tables, words
from optbench.report.parts import Picture, Section, Shown
from optbench.report.style import Styles, candidate_styles
from optbench.report.verdicts import only_lesson, told

#: dots an inch of the PNG files: 1600 pixels wide
DPI = 160


class ResultsLike(Protocol):
    """What the page asks of `optbench.results.Results`."""

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


def write(results: ResultsLike, folder: str | Path, out: str | Path | None = None) -> Path:
    """Write the page to `out` (default folder/report.html) and its figures to folder/figures. Returns the page's path.

    The page holds its drawings and style itself: it needs no other file and no network. Raises `OptbenchError`
    where a file cannot be written.
    """
    folder = Path(folder)
    page = Path(out) if out is not None else folder / "report.html"
    target = folder / "figures"
    try:
        target.mkdir(parents=True, exist_ok=True)
        page.parent.mkdir(parents=True, exist_ok=True)
        text = render(results, target, page)
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OptbenchError(
            f"cannot write the report to {error.filename or page}: {error.strerror}"
        ) from error
    return page


def render(results: ResultsLike, target: Path, page: Path) -> str:
    """The page's text; draws the figures into the folder `target`, which the page at `page` links to."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    board = results.leaderboard()
    trials = results.trials
    candidates = [str(c["name"]) for c in results.suite.get("candidates", []) if "name" in c]
    styles = candidate_styles([*candidates, *frames.names(trials, "candidate"), *map(str, board.index)])
    parts = sections(results, board, styles)
    for part in parts:
        part.shown = [show(picture, target, page) for picture in part.pictures]
    if only_lesson(results.suite):
        headline, sentences = words.claims_verdict(results.claims())
    else:
        headline, sentences = words.verdict(board, baseline_of(results))
    templates = files("optbench.report") / "templates"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["drawing"] = Markup  # made by `svg.inline`, which escapes
    template = environment.from_string((templates / "report.html.j2").read_text(encoding="utf-8"))
    return template.render(
        title=results.title or results.suite.get("title") or "optbench",
        description=results.suite.get("description") or "",
        css=Markup((templates / "report.css").read_text(encoding="utf-8")),
        headline=headline,
        sentences=sentences,
        sections=parts,
        facts=tables.facts(results, trials),
    )


def sections(results: ResultsLike, board: pd.DataFrame, styles: Styles) -> list[Section]:
    """What the page shows, in its order. Sections without anything to show are left out or say so in a sentence."""
    trials = results.trials
    # tuning curves are not drawn, and need not be read where that can be told apart
    read = getattr(results, "measurements", None)
    curves = read("final") if read is not None else results.curves
    order = [str(n) for n in board.index] or frames.names(trials, "candidate")
    drawn: dict[str, Any] = {"styles": styles, "order": order}
    lessons = lesson.lessons(results, curves)
    claims = results.claims()
    topics = [topic["name"] for topic in told(results.suite)]
    others = claim_sections(claims[~claims["topic"].isin(topics)] if "topic" in claims else claims)
    if only_lesson(results.suite):
        return [*lessons, *others, *record(results, drawn)]
    board_section, *parts = comparison(results, board, curves, drawn)
    return [board_section, *lessons, *others, *parts, *record(results, drawn)]


def comparison(
    results: ResultsLike, board: pd.DataFrame, curves: pd.DataFrame, drawn: dict[str, Any]
) -> list[Section]:
    """Who is best, and where: candidates that run on the same workloads."""
    trials, styles, order = results.trials, drawn["styles"], drawn["order"]
    parts = [
        Section(
            "leaderboard",
            "Leaderboard",
            "Candidates by score, with 95 % intervals over seeds. Where intervals overlap, the order is not decided.",
            [
                Picture(
                    "leaderboard",
                    "Dots with 95 % intervals: the score of each candidate.",
                    "",
                    partial(figures.leaderboard, board, styles),
                )
            ],
            kind="leaderboard",
            rows=tables.leaderboard(
                board, styles, getattr(results, "bridges", None), getattr(results, "costs", None)
            ),
        )
    ]
    if len(frames.finals(trials)):
        parts += [
            Section(
                "curves",
                "Learning curves",
                "Median over fresh seeds, with a band from quartile to quartile. The dotted line is the target; a "
                "cross marks where a run failed, and from there on it counts as the worst.",
                [
                    Picture(
                        "learning-curves",
                        "Learning curves: the target's metric against steps, a panel a workload.",
                        "The metric of each workload's target, on validation data.",
                        partial(figures.learning_curves, curves, trials, None, **drawn),
                    ),
                    Picture(
                        "training-loss",
                        "Training loss against steps, a panel a workload.",
                        "Training loss, penalties not included.",
                        partial(figures.learning_curves, curves, trials, "train_loss", **drawn),
                    ),
                ],
            ),
            Section(
                "time-to-target",
                "Time to target",
                "Steps until the target is first met, a dot a fresh seed, a tick at the median. Misses stand at the "
                "right: how many of how many seeds.",
                [
                    Picture(
                        "time-to-target",
                        "Steps to target by candidate, a panel a workload.",
                        "",
                        partial(figures.target_times, trials, **drawn),
                    )
                ],
            ),
            Section(
                "heat-map",
                "Workloads and candidates",
                "Who is quick where: median steps to target as a multiple of the workload's best.",
                [
                    Picture(
                        "heat-map",
                        "Heat map of candidates and workloads: steps to target over the workload's best.",
                        "",
                        partial(figures.heat_map, trials, order=order),
                    )
                ],
            ),
        ]
    if (frames.rates(frames.tuned(trials)) > 0).any():
        parts.append(
            Section(
                "rate-sensitivity",
                "Sensitivity to the learning rate",
                "Each tuning trial at the rate it tried; its other hyperparameters differ too. A ring marks the "
                "selected setting; crosses in the grey band diverged or failed.",
                [
                    Picture(
                        "rate-sensitivity",
                        "Final validation metric against the learning rate, a panel a workload.",
                        "",
                        partial(figures.rate_sensitivity, trials, **drawn),
                    )
                ],
            )
        )
    if frames.has_values(frames.finals(trials), "generalization_gap"):
        parts.append(
            Section(
                "generalization",
                "Generalization gap",
                "Training minus test result at the end (for losses: test minus training), a dot a fresh seed. At 0 "
                "nothing is lost on new data.",
                [
                    Picture(
                        "generalization-gap",
                        "Gap between training and test results by candidate, a panel a workload.",
                        "",
                        partial(figures.generalization_gap, trials, **drawn),
                    )
                ],
            )
        )
    return parts


def record(results: ResultsLike, drawn: dict[str, Any]) -> list[Section]:
    """How the runs ended, and how everything was measured."""
    trials = results.trials
    # one bar each says nothing of ninety candidates
    picture = len(trials) > 0 and not only_lesson(results.suite)
    return [
        Section(
            "outcomes",
            "Outcomes and failures",
            "How all trials ended. None is dropped: a run that diverged, failed or ran out of time counts in every "
            "score.",
            [
                Picture(
                    "outcomes",
                    "Numbers of trials by outcome, a bar a candidate.",
                    "",
                    partial(figures.outcome_counts, trials, drawn["order"]),
                )
            ]
            if picture
            else [],
            kind="failures",
            rows=tables.failures(trials),
        ),
        Section(
            "methods",
            "How this was measured",
            kind="methods",
            rows=lesson.methods(results.suite)
            if only_lesson(results.suite)
            else tables.methods(results.suite, baseline_of(results)),
        ),
        Section("environment", "Environment", kind="environment", rows=tables.flat(results.environment)),
        Section("plugins", "Plugin problems", kind="problems", rows=[str(p) for p in results.problems]),
        Section("suite", "The suite as run", kind="suite", rows=as_text(results.suite)),
    ]


def baseline_of(results: ResultsLike) -> str | None:
    """The candidate that others are compared with."""
    return getattr(results, "baseline", None) or results.suite.get("baseline")


def claim_sections(claims: pd.DataFrame) -> list[Section]:
    """A section a topic, in the claims' order."""
    parts = []
    topics = (
        claims["topic"].fillna("").astype(str) if "topic" in claims else pd.Series("", index=claims.index)
    )
    for number, topic in enumerate(dict.fromkeys(topics)):
        rows = claims[topics == topic]
        name = "claims" if number == 0 else f"claims-{number + 1}"
        parts.append(
            Section(
                name,
                f"Claims: {topic}" if topic else "Claims",
                "The paired effect over seeds with its 95 % interval; to the right of 0 it is as claimed. Each row is "
                "drawn in a unit of its own. A claim of equality holds where the interval lies within the grey band.",
                [
                    Picture(
                        name,
                        "Effects of the claims with 95 % intervals and verdicts; the table below has the numbers.",
                        "",
                        partial(figures.claims_forest, rows),
                    )
                ],
                kind="claims",
                rows=tables.claims(rows),
            )
        )
    return parts


def show(picture: Picture, target: Path, page: Path) -> Shown:
    """Draw a picture, save it as PNG and SVG, and return what the page shows.

    A figure that cannot be drawn is told as a problem in its place: an hour's results must not lack a page for it.
    """
    png, vector = target / f"{picture.name}.png", target / f"{picture.name}.svg"
    try:
        drawn = picture.draw()
        svg.freeze(drawn)
        document = svg.text(drawn)
        vector.write_text(document, encoding="utf-8")
        svg.save_png(drawn, png, DPI)
        return Shown(
            picture.name,
            picture.caption,
            picture.description,
            svg.inline(document, picture.name, picture.description),
            link(png, page),
            link(vector, page),
        )
    except OSError:
        raise
    except Exception as error:
        return Shown(
            picture.name, picture.caption, picture.description, problem=f"{type(error).__name__}: {error}"
        )


def link(path: Path, page: Path) -> str:
    """The way from the page to a file, as an address."""
    from urllib.parse import quote

    return quote(Path(os.path.relpath(path, page.parent)).as_posix())


def as_text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
