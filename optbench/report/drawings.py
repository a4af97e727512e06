"""Figures and tables to files, and to what the template shows of them."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from optbench.report import svg, table
from optbench.report.inline import key, panels
from optbench.report.marks import notes
from optbench.report.parts import Picture, Section, Shown

#: dots an inch of the PNG files: 1600 pixels wide
DPI = 160


def show(
    picture: Picture,
    target: Path,
    page: Path,
    workloads: Mapping[str, str] | None = None,
) -> Shown:
    """Draw a picture, save it as PNG, SVG and PDF, and return what the page shows.

    workloads   {workload: its key on the page}
    A figure that cannot be drawn is told as a problem in its place: an hour's results must not lack a page for it.
    """
    files = {kind: target / f"{picture.name}.{kind.lower()}" for kind in ("PNG", "SVG", "PDF")}
    try:
        drawn = picture.draw()
        svg.freeze(drawn)
        document = svg.text(drawn)
        files["SVG"].write_text(document, encoding="utf-8")
        elements = panels(drawn, document, picture.name, picture.description)
        svg.save_png(drawn, files["PNG"], DPI)
        svg.save_pdf(drawn, files["PDF"])
        keys = workloads or {}
        return Shown(
            picture.name,
            picture.caption,
            picture.description,
            [(element.svg, keys.get(element.workload, "")) for element in elements],
            [(look.key, name, key(look)) for name, look in notes(drawn).legend.items()],
            [(kind, link(path, page)) for kind, path in files.items()],
        )
    except OSError:
        raise
    except Exception as error:
        return Shown(
            picture.name, picture.caption, picture.description, problem=f"{type(error).__name__}: {error}"
        )


def save_tables(section: Section, target: Path, page: Path) -> None:
    """Write a section's tables as CSV and LaTeX; the section gets the links."""
    for one in section.tables:
        if one.rows:
            section.links[one.name] = [(kind, link(path, page)) for kind, path in table.save(one, target)]


def link(path: Path, page: Path) -> str:
    """The way from the page to a file, as an address."""
    return quote(Path(os.path.relpath(path, page.parent)).as_posix())
