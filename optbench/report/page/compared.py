"""The page of several trainings: their curves over each other, how each ended, and in which settings they differ."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.lab.watched import Watched
from optbench.report.figures.watched import compared_curves, compared_panels
from optbench.report.page.saving import show
from optbench.report.page.template import rendered
from optbench.report.page.watched import setting_rows
from optbench.report.parts import Picture, Shown
from optbench.report.pictures.formats import FORMATS
from optbench.report.pictures.style import candidate_styles
from optbench.report.pictures.swatch import swatch
from optbench.report.words.settings import measure, spoken
from optbench.report.words.trainings import headline, remarks
from optbench.results.export import export_table

PAGE = "compare.html"
DESCRIPTION = "Losses, metrics, rates and norms of the trainings over each other, against steps."
CAPTION = "A dotted line in a training's colour marks where its settings were changed."


def named(trainings: Sequence[Watched]) -> dict[str, Watched]:
    """The trainings by the last parts of their folders' paths: as many as tell them apart.

    Raises `OptbenchError` for fewer than two, and for a folder that is given twice.
    """
    places = [training.folder.resolve() for training in trainings]
    for k, place in enumerate(places):
        if place in places[:k]:
            raise OptbenchError(f"{trainings[k].folder}: this training is given twice")
    if len(places) < 2:
        raise OptbenchError("to compare trainings, give two folders of `optbench train` or more")
    for parts in range(1, max(len(place.parts) for place in places) + 1):
        names = ["/".join(place.parts[-parts:]) for place in places]
        if len(set(names)) == len(names):
            break
    return dict(zip(names, trainings, strict=True))


def notes_on(trainings: Mapping[str, Watched]) -> list[str]:
    """What must be known of these trainings before they are compared, a sentence or two each."""
    return remarks(trainings, {one.title: one.curves for one in compared_panels(trainings)})


def write_compared(
    trainings: Sequence[Watched],
    folder: str | Path,
    failed: Callable[[str], Any] | None = None,
    figures: bool = False,
) -> Path:
    """Write folder/compare.html, its figure compare.svg and its numbers compare.csv; returns the page's path.

    trainings   two or more, as `optbench.watched` reads them; they are called as their folders are
    failed      is told where the curves could not be drawn, as the page is
    figures     whether the figure is also written as PNG and PDF
    Raises `OptbenchError` for fewer than two trainings, for one that is given twice, and where no file can be written.
    """
    import pandas as pd

    called = named(trainings)
    folder = Path(folder)
    page = folder / PAGE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        looks = candidate_styles(list(called))
        curves = Picture("compare", DESCRIPTION, CAPTION, lambda: compared_curves(called, looks))
        shown = show(curves, folder, page, kinds=FORMATS if figures else ())()
        if shown.problem and failed is not None:
            failed(f"the curves could not be drawn: {shown.problem}")
        tables = []
        for name, training in called.items():
            table = training.curves
            table.insert(0, "training", name)
            tables.append(table)
        export_table(pd.concat(tables, ignore_index=True), "csv", folder / "compare.csv")
        page.write_text(render(called, shown), encoding="utf-8")
    except OSError as error:
        raise OptbenchError(f"cannot write {error.filename or page}: {error.strerror}") from error
    return page


def render(trainings: Mapping[str, Watched], curves: Shown) -> str:
    """The page's text."""
    works = list(dict.fromkeys(str(t.trial.workload.get("title") or t.workload) for t in trainings.values()))
    looks = candidate_styles(list(trainings))
    return rendered(
        "compared.html.j2",
        title=" and ".join(works),
        count=len(trainings),
        notes=notes_on(trainings),
        curves=curves,
        ends=[(swatch(looks[name]), name, *end_of(training)) for name, training in trainings.items()],
        names=list(trainings),
        settings=differing(trainings),
        stories=[
            (name, [(change["step"], [spoken(*item) for item in change["set"].items()]) for change in t.changes])
            for name, t in trainings.items()
            if t.changes
        ],
    )


def end_of(training: Watched) -> tuple[str, ...]:
    """(workload, optimizer, how it stands, last losses, last metric, seconds, test result): – for what is not known."""
    last = training.history[-1] if training.history else None

    def shown(value: float, form: str = ".4g") -> str:
        return format(value, form) if np.isfinite(value) else "–"

    values = ["–"] * 4
    if last is not None:
        metric = shown(last.validation_metric, ".4f")
        values = [
            shown(last.train_loss),
            shown(last.validation_loss),
            metric if metric == "–" else f"{metric} {measure(training.metric)}",
            shown(last.seconds, ".2f"),
        ]
    test = shown(training.test[0])
    if test != "–":
        test += f", {shown(training.test[1], '.4f')}"
    return training.workload, training.optimizer, headline(training), *values, test


def differing(trainings: Mapping[str, Watched]) -> list[tuple[str, list[str]]]:
    """(setting, its value in each training) of those that are not alike in all; "–" where one has no such setting."""
    tables = [{path: value for path, value, _ in setting_rows(t)} for t in trainings.values()]
    for table, training in zip(tables, trainings.values(), strict=True):
        table["seed"] = str(training.trial.seed)
    paths = list(dict.fromkeys(path for table in tables for path in table))
    rows = [(path, [table.get(path, "–") for table in tables]) for path in paths]
    return [(path, values) for path, values in rows if len(set(values)) > 1]
