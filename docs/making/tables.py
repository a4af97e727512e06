"""Tables and headings in reStructuredText."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from optbench.report.words.settings import text


def heading(text: str, line: str = "=") -> list[str]:
    return [text, line * max(4, len(text)), ""]


def table(head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int] = ()) -> list[str]:
    """A list-table; cells are inline reStructuredText. Nothing where there is no row."""
    cells = [list(row) for row in rows]
    if not cells:
        return []
    shares = widths or [round(100 / len(head))] * len(head)
    lines = [".. list-table::", f"    :widths: {' '.join(map(str, shares))}"]
    lines += ["    :header-rows: 1"] if any(head) else []
    lines += [""]
    for row in [list(head), *cells] if any(head) else cells:
        for place, cell in enumerate(row):
            lines.append(f"    {'*' if place == 0 else ' '} - {cell}".rstrip())
    return [*lines, ""]


def settings(values: Mapping[str, Any]) -> str:
    """Names with values, as prose has them."""
    cells = {name: f"[{told(v)}]" if isinstance(v, (list, tuple)) else told(v) for name, v in values.items()}
    return ", ".join(f"{name} = {cell}" for name, cell in cells.items())


def told(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(told, value))
    return text(value)


def contents(names: Iterable[str]) -> list[str]:
    """A table of contents that nobody sees: the page has a list of its own."""
    return [".. toctree::", "    :hidden:", "", *(f"    {name}" for name in names), ""]


def html(text: str) -> list[str]:
    """An element of the page as it is."""
    return [".. raw:: html", "", *(f"    {line}" for line in text.splitlines()), ""] if text else []


def code(language: str, text: str) -> list[str]:
    return [f".. code-block:: {language}", "", *(f"    {line}".rstrip() for line in text.splitlines()), ""]
