"""The package's docstrings as reStructuredText.

They are written to be read where they stand: names in single backticks, formulas and programs indented by four, and
what each argument is in two columns:

    x        (examples, inputs)
    params   the first parameters (size,);
             they are copied

Here these become links, literal blocks and definition lists.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from textwrap import dedent

#: a row of two columns: names, two blanks or more, what they are
_ROW = re.compile(r"^(\S.{0,44}?) {2,}(\S.*)$")
#: the same of a table's fields, however many there are
_FIELDS = re.compile(r"^(\w+(?:, \w+)*) {2,}(\S.*)$")
#: names alone on a line, what they are indented below
_ALONE = re.compile(r"^[\w.]+(?:, [\w.]+)*$")
_SPECIAL = re.compile(r"([\\*_|])")
_VERBATIM = re.compile(r"(`[^`]+`|https?://[^\s)]+|\*\*\w[^*]*\w\*\*(?!\w))")

#: text of a name in backticks -> reStructuredText, or "" where it is no name that has a page
Linked = Callable[[str], str]


def rst(text: str, linked: Linked = lambda name: "") -> str:
    """A docstring, cleaned as `inspect.getdoc` gives it, as reStructuredText."""
    return "\n".join(line for block in _blocks(text) for line in [*_block(block, linked), ""])


def inline(text: str, linked: Linked = lambda name: "") -> str:
    """A piece of prose: code in backticks, what is bold, all other characters as they are."""
    parts = _VERBATIM.split(text)
    return "".join(_verbatim(part, linked) if i % 2 else _SPECIAL.sub(r"\\\1", part) for i, part in enumerate(parts))


def summary(text: str | None) -> str:
    """The first sentence of a docstring, or its first paragraph where that has no end."""
    first = " ".join(inspect.cleandoc(text or "").partition("\n\n")[0].split())
    sentence = re.match(r".*?[^.\d]\.(?= [A-Z]|$)", first)
    return sentence[0] if sentence else first


def meanings(model: type) -> dict[str, str]:
    """{field: what it is}, of the rows of two columns in a model's docstring and in those that it inherits."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        names: list[str] = []
        for line in inspect.cleandoc(vars(cls).get("__doc__") or "").splitlines():
            if match := _FIELDS.match(line):
                names = match[1].split(", ")
                found |= dict.fromkeys(names, match[2])
            elif names and line.startswith("  "):
                found |= {name: f"{found[name]} {line.strip()}" for name in names}
            else:
                names = []
    return found


def _verbatim(part: str, linked: Linked) -> str:
    if not part.startswith("`"):
        return part
    code = part[1:-1].strip()
    # a letter behind the marks would leave them open
    return linked(code) or f"\\ ``{code}``\\ "


def _blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines without an empty one; indented ones that follow each other are one."""
    found: list[list[str]] = []
    for run in re.split(r"\n\s*\n", text):
        lines = run.splitlines()
        indented = all(line.startswith("    ") for line in lines)
        if found and indented and all(line.startswith("    ") or not line for line in found[-1]):
            found[-1] += ["", *lines]
        elif lines:
            found.append(lines)
    return iter(found)


def _block(lines: list[str], linked: Linked) -> list[str]:
    if all(line.startswith("    ") or not line for line in lines):
        return literal(lines)
    made: list[str] = []
    rest = lines
    while rest:
        own = _length(rest)
        head, rest = rest[:own], rest[own:]
        made += [*_paragraph(head, linked), ""]
    return made


def _length(lines: list[str]) -> int:
    """How many lines the first paragraph, row, bullet or literal has."""
    first = lines[0]
    if first.startswith(" "):
        return next((i for i, line in enumerate(lines) if not line.startswith(" ")), len(lines))
    row = _is_row(lines)
    for i, line in enumerate(lines[1:], 1):
        if row or first.startswith("- "):
            if not line.startswith(" "):
                return i
        elif line.startswith((" ", "- ")) or _is_row(lines[i:]):
            return i
    return len(lines)


def _is_row(lines: list[str]) -> bool:
    found = _ROW.match(lines[0])
    if found:
        return not found[1].endswith((".", ":", ";")) and not lines[0].startswith("- ")
    return len(lines) > 1 and lines[1].startswith("    ") and bool(_ALONE.match(lines[0]))


def _paragraph(lines: list[str], linked: Linked) -> list[str]:
    first = lines[0]
    if first.startswith(" "):
        return literal(lines)
    if first.startswith("- "):
        text = " ".join([first[2:], *(line.strip() for line in lines[1:])])
        return ["- " + inline(text, linked)]
    if _is_row(lines):
        found = _ROW.match(first)
        names, told = (found[1], [found[2]]) if found else (first, [])
        text = " ".join([*told, *(line.strip() for line in lines[1:])])
        return [f"``{names.replace('`', '')}``", "    " + inline(text, linked)]
    # a hyphen, number or dots at its begin would make a list of it
    return ["\\" * bool(re.match(r"[-+*.>:=~#^]|\w[.)] ", first)) + inline(" ".join(map(str.strip, lines)), linked)]


def literal(lines: list[str], language: str = "text") -> list[str]:
    """A block of code."""
    code = dedent("\n".join(lines)).splitlines()
    kind = "pycon" if code[0].startswith(">>>") else language
    return [f".. code-block:: {kind}", "", *(f"    {line}".rstrip() for line in code)]
