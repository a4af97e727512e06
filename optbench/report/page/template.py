"""The pages' templates, style sheet and script."""

from importlib.resources import files
from typing import Any

from optbench.contract.text import visible
from optbench.language import gettext

#: of the report's pages, in order
STYLES = ("pictures.css", "report.css")


def rendered(template: str, room: str = "report", **values: Any) -> str:
    """The text of a page: texts are escaped, but for drawings, which escape themselves.

    room   whose template it is; it may include the report's
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(f"optbench.{of}") for of in dict.fromkeys((room, "report"))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value, keep="\n\t") if type(value) is str else value,
    )
    environment.filters["drawing"] = Markup
    environment.globals["_"] = gettext
    css = Markup("".join(map(text_of, STYLES)))
    return environment.get_template(template).render(css=css, **values)


def text_of(name: str, room: str = "report") -> str:
    """The text of a file beside the templates."""
    return (files(f"optbench.{room}") / "templates" / name).read_text(encoding="utf-8")
