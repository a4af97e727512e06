"""Figures and tables to files, and to what the template shows of them."""

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from urllib.parse import quote

from matplotlib.figure import Figure

from optbench.report.page.press import Press
from optbench.report.parts import Picture, Section, Shown
from optbench.report.pictures import formats
from optbench.report.pictures.formats import FORMATS
from optbench.report.pictures.inline import panels
from optbench.report.pictures.marks import notes
from optbench.report.pictures.swatch import swatch
from optbench.report.tables.table import save


def show(
    picture: Picture,
    target: Path,
    page: Path,
    workloads: Mapping[str, str] | None = None,
    press: Press | None = None,
    kinds: Collection[str] = (),
    number: int | None = None,
) -> Callable[[], Shown]:
    """Draw a picture and have it saved as SVG; the returned function gives what the page shows.

    workloads   {workload: its key on the page}
    press       what finishes it, in a second process maybe; default: this one
    kinds       formats to save it in besides; those of which there is a file are made anew, lest it show something else
    number      of the figure on the page, if it has one: ids in it are short then
    A figure that cannot be drawn is told as a problem in its place: an hour's results must not lack a page for it.
    """
    try:
        drawn = picture.draw()
    except OSError:
        raise
    except Exception as error:
        failed = problem(picture.name, picture.caption, picture.description, error)
        return lambda: failed
    press = press or Press(finish, second=False)
    files = [target / f"{picture.name}.{kind}" for kind in FORMATS]
    files = [path for path in files if path.suffix == ".svg" or path.suffix[1:] in kinds or path.exists()]
    ids = picture.name if number is None else str(number)
    told = (picture.name, picture.caption, picture.description)
    return press.put(drawn, *told, files, page, dict(workloads or {}), ids)


def finish(
    drawn: Figure,
    name: str,
    caption: str,
    description: str,
    files: list[Path],
    page: Path,
    workloads: Mapping[str, str],
    ids: str,
) -> Shown:
    """Lay a drawn figure out and save it as the files, the first of which is SVG; see `show`."""
    try:
        formats.freeze(drawn)
        document = formats.svg(drawn)
        files[0].write_text(document, encoding="utf-8")
        elements = panels(drawn, document, ids, description)
        for path in files[1:]:
            formats.save(drawn, path)
        return Shown(
            name,
            caption,
            description,
            [(element.svg, workloads.get(element.workload, "")) for element in elements],
            [(look.key, label, swatch(look)) for label, look in notes(drawn).legend.items()],
            [(path.suffix[1:].upper(), link(path, page)) for path in files],
        )
    except OSError:
        raise
    except Exception as error:
        return problem(name, caption, description, error)


def problem(name: str, caption: str, description: str, error: Exception) -> Shown:
    """What the page says in place of a figure that failed."""
    return Shown(name, caption, description, problem=f"{type(error).__name__}: {error}")


def save_tables(section: Section, target: Path, page: Path) -> None:
    """Write a section's tables as CSV and LaTeX; the section gets the links."""
    for one in section.tables:
        if one.rows:
            section.links[one.name] = [(kind, link(path, page)) for kind, path in save(one, target)]


def link(path: Path, page: Path) -> str:
    """The way from the page to a file, as an address."""
    return quote(Path(os.path.relpath(path, page.parent)).as_posix())
