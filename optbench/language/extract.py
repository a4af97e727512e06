"""`python -m optbench.language.extract`: all marked texts into every catalogue, by Babel (pip install -e ".[test]").

Marked are `_("…")` and `N_("…")` in Python and in the page's templates, and the texts of the suites named in `SUITES`.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from optbench.language.suites import messages

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
#: in a folder of the source tree, or beside the package in an installation
SUITES = ("fundamentals.toml",)
KEYWORDS = {"_": None, "N_": None}


def found(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """(file, message) of every marked text, file by file."""
    from babel.messages.extract import extract_from_file

    for path in sorted(root.rglob("*.py")):
        for _, message, _, _ in extract_from_file("python", path, KEYWORDS):
            if isinstance(message, str) and message:
                yield path.relative_to(root.parent).as_posix(), message
    for path in sorted((root / "report" / "templates").rglob("*.j2")):
        for message in template_messages(path.read_text(encoding="utf-8")):
            yield path.relative_to(root.parent).as_posix(), message
    for name in SUITES:
        for message in suite_messages(name):
            yield f"optbench_suites/{name}", message


def template_messages(text: str) -> list[str]:
    """Those of a template, as its own parser sees them."""
    from jinja2 import Environment

    environment = Environment(extensions=["jinja2.ext.i18n"])
    called = environment.extract_translations(text, ("_",))  # type: ignore[attr-defined]
    return [message for _, _, message in called if isinstance(message, str)]  # others are given a variable


def suite_messages(name: str) -> list[str]:
    import tomllib
    from importlib.resources import files

    return list(messages(tomllib.loads((files("optbench_suites") / name).read_text(encoding="utf-8"))))


def template() -> Any:
    """A catalogue of all messages without translations, in the order of files."""
    from babel.messages.catalog import Catalog

    catalogue = Catalog(project="optbench", charset="utf-8", fuzzy=False)
    for file, message in found():
        if message not in catalogue:
            catalogue.add(message, locations=[(file, 0)])
    return catalogue


def read(path: Path) -> Any:
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, domain="optbench")


def merged(old: Any) -> Any:
    """The catalogue with the messages of today: known translations kept, none guessed, what is gone left out."""
    from babel.messages.catalog import Catalog

    told = {"header_comment": old.header_comment, "project": "optbench", "charset": "utf-8", "fuzzy": False}
    new = Catalog(locale=old.locale, **told)
    new.creation_date = new.revision_date = old.creation_date  # a file changes where its texts do
    for message in template():
        if message.id:
            known = old.get(message.id)
            added = new.add(message.id, known.string if known is not None else "", message.locations)
            added.flags.discard("python-format")  # of "95 % intervals"
    return new


def written(catalogue: Any) -> tuple[bytes, bytes]:
    """(.po, .mo)"""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import write_po

    po, mo = BytesIO(), BytesIO()
    write_po(po, catalogue, width=100, include_lineno=False, ignore_obsolete=True)
    write_mo(mo, catalogue)
    return po.getvalue(), mo.getvalue()


def main(languages: list[str]) -> int:
    """Bring the catalogues up to date; make that of a language that has none. Exit status 1 while entries lack."""
    from babel.messages.catalog import Catalog

    lacking = 0
    for language in languages or [path.parents[1].name for path in sorted(HERE.glob("*/LC_MESSAGES/optbench.po"))]:
        po = HERE / language / "LC_MESSAGES" / "optbench.po"
        old = read(po) if po.exists() else Catalog(locale=language, header_comment="# Texts of optbench.")
        new = merged(old)
        po.parent.mkdir(parents=True, exist_ok=True)
        text, compiled = written(new)
        po.write_bytes(text)
        po.with_suffix(".mo").write_bytes(compiled)
        empty = [m.id for m in new if m.id and not m.string]
        lacking += len(empty)
        print(f"{language}: {len(new)} messages, {len(empty)} without a translation")
        for message in empty:
            print(f"  {message[:100]!r}")
    return int(lacking > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
