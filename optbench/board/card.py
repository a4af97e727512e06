"""What an entry says of itself: `card.toml`, written by whoever submits it, and so checked letter by letter."""

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from optbench.contract.errors import OptbenchError, near

#: names make folders and addresses: lower case, so that they differ on every file system
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?", re.ASCII)
VERSION = re.compile(r"[0-9](?:[0-9a-z.]{0,18}[0-9a-z])?", re.ASCII)
LINK = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._~/%+,;=:@?&#-]*)?", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
#: a distribution of a stated version, or a commit of a public repository: nothing that pip takes for an option
REQUIREMENT = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"
    r"(?:==[A-Za-z0-9.!+_-]{1,60}| @ git\+https://[A-Za-z0-9.-]+/[A-Za-z0-9._/-]{1,200}@[0-9a-f]{7,40})",
    re.ASCII,
)
#: a component of the entry's own files or of what it requires, as `optbench check` takes it
COMPONENT = re.compile(r"(?:source/[A-Za-z0-9_]{1,60}\.py:)?[A-Za-z0-9_][A-Za-z0-9_.:-]{0,98}", re.ASCII)
#: of results and texts; by their SPDX identifiers
LICENCES = (
    *("CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0", "ODC-By-1.0", "PDDL-1.0", "BSD-3-Clause", "MIT", "Apache-2.0"),
)
#: of each text the most letters, of each list the most members
LONGEST = {"title": 200, "description": 4000, "link": 400, "author": 100}
MOST = {"authors": 50, "candidates": 100, "requires": 50, "components": 100}


@dataclass(frozen=True)
class Card:
    """An entry's words about itself.

    name, version   of the entry: "my-lion", "1.2"; the next version of the same name goes on with its history
    authors         whoever is to be cited
    licence         of results and texts, one of LICENCES
    date            on which it was made, 2026-11-27
    candidates      those of the results that the entry is about; the others are there to be compared with
    sha256          of the archive
    requires        what must be installed to run it again: "optbench-lion==0.1"
    components      what the conformance kit is to look at: "lion", "source/mine.py:Lion"
    """

    name: str
    version: str
    title: str
    authors: tuple[str, ...]
    licence: str
    date: str
    candidates: tuple[str, ...]
    sha256: str
    description: str = ""
    link: str = ""
    requires: tuple[str, ...] = ()
    components: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checked(self)

    @property
    def id(self) -> str:
        """The entry's folder and address: a version has no hyphen, so that no two entries have the same."""
        return f"{self.name}-{self.version}"

    @property
    def order(self) -> tuple[Any, ...]:
        """Sorts versions: 1.9 before 1.10."""
        parts = re.findall(r"\d+|[a-z]+", self.version)
        return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


def checked(card: Card) -> None:
    """`OptbenchError` that names the field, what was expected and what was found."""
    for field in fields(card):
        value = getattr(card, field.name)
        if field.name in MOST:
            if not isinstance(value, tuple) or not all(isinstance(one, str) for one in value):
                raise OptbenchError(f"{field.name} must be a list of texts")
            if len(value) > MOST[field.name]:
                raise OptbenchError(f"{field.name} must have at most {MOST[field.name]} members, has {len(value)}")
            if len(set(value)) < len(value):
                raise OptbenchError(f"{field.name} has a member twice")
        elif not isinstance(value, str):
            raise OptbenchError(f"{field.name} must be a text, got {type(value).__name__}")
    _matches("name", card.name, NAME, "up to 60 lower-case letters, digits and hyphens, such as my-lion")
    _matches("version", card.version, VERSION, "a number such as 1.2, up to 20 digits, lower-case letters and dots")
    _matches("sha256", card.sha256, DIGEST, "64 hexadecimal digits")
    if card.link:
        _matches("link", card.link, LINK, "an address that begins with https://")
    for text in card.requires:
        _matches("requires", text, REQUIREMENT, 'such as "optbench-lion==0.1" or "x @ git+https://…@COMMIT"')
    for text in card.components:
        _matches("components", text, COMPONENT, 'such as "lion" or "source/mine.py:Lion"')
    if card.licence not in LICENCES:
        raise OptbenchError(f"licence {_short(card.licence)} is not known here; {near(card.licence, LICENCES)}")
    try:
        date = datetime.date.fromisoformat(card.date) if len(card.date) == 10 else None
    except ValueError:
        date = None
    if date is None:
        raise OptbenchError(f"date must be such as 2026-11-27, got {_short(card.date)}")
    if not card.title.strip():
        raise OptbenchError("title is empty")
    if not card.authors or not card.candidates:
        raise OptbenchError(f"{'candidates' if card.authors else 'authors'} must name at least one")
    for name, text in [*((n, getattr(card, n)) for n in ("title", "description", "link")),
                       *(("author", author) for author in card.authors)]:  # fmt: skip
        if len(text) > LONGEST[name]:
            raise OptbenchError(f"{name} has {len(text)} letters; at most {LONGEST[name]}")
        if name != "description" and not text.isprintable():
            raise OptbenchError(f"{name} has control characters: {_short(text)}")


def _matches(name: str, text: str, pattern: re.Pattern[str], expected: str) -> None:
    if not pattern.fullmatch(text):
        raise OptbenchError(f"{name} {_short(text)}: expected {expected}")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def read(text: str) -> Card:
    """The card of a TOML text; `OptbenchError` for one that is none."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise OptbenchError(f"card.toml: not TOML: {error}") from None
    known = {field.name for field in fields(Card)}
    for name in table:
        if name not in known:
            raise OptbenchError(f"card.toml: unknown field {_short(name)}; {near(name, known)}")
    missing = [f.name for f in fields(Card) if f.name not in table and f.default is f.default_factory]
    if missing:
        raise OptbenchError(f"card.toml: {missing[0]} is missing")
    try:
        return made(table)
    except OptbenchError as error:
        raise OptbenchError(f"card.toml: {error}") from None


def made(table: Mapping[str, Any]) -> Card:
    """A card from plain data; `OptbenchError` where a field is not what it must be."""
    lists = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items() if name in MOST}
    return Card(**{**table, **lists})


def written(card: Card) -> str:
    """The text of its `card.toml`."""
    import tomlkit

    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(card).items()}
    return tomlkit.dumps({name: value for name, value in plain.items() if value not in ("", [])})
