"""Texts in the reader's language: gettext's catalogues, one a language, and which of them is spoken.

The message is the English text itself, so that what no catalogue has is shown in English. `_` looks a text up, `N_`
marks one that is looked up later, where it is shown. Numbers and names are fields, `_("{n} steps").format(n=10)`, since
another language puts them elsewhere. Catalogues are read when a language is first spoken; English has none to read.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, reduce
from importlib.resources import files
from typing import TYPE_CHECKING

from optbench.contract.errors import OptbenchError, near

if TYPE_CHECKING:
    from gettext import GNUTranslations

#: the environment variable that chooses where no argument does
VARIABLE = "OPTBENCH_LANGUAGE"
ENGLISH = "en"


@dataclass
class Speech:
    """A language being spoken, and the texts asked for that its catalogue lacks, in their order."""

    language: str = ENGLISH
    missing: dict[str, None] = field(default_factory=dict)


_SPOKEN: ContextVar[Speech] = ContextVar("speech")


def N_(text: str) -> str:
    """The text itself, marked for the catalogues: it is looked up where it is shown."""
    return text


def gettext(text: str) -> str:
    """The text in the language that is spoken, else itself."""
    speech = _SPOKEN.get(None)
    if speech is None or speech.language == ENGLISH or not text:
        return text
    # not `gettext`, which cannot tell a text without an entry from one whose translation is the same
    found = _catalogue(speech.language).get(text)
    if found is None:
        speech.missing[text] = None
    return found or text


_ = gettext


def together(sentences: Iterable[str]) -> str:
    """Sentences as one text, with what the language has between them."""
    return reduce(lambda first, second: _("{first} {second}").format(first=first, second=second), sentences)


def spoken() -> str:
    """The language that is spoken: "en" unless `speaking` says otherwise."""
    speech = _SPOKEN.get(None)
    return ENGLISH if speech is None else speech.language


def lacking(speech: Speech) -> str:
    """What a catalogue lacks of what was said, in a line of English; empty where it has all."""
    texts = list(speech.missing)
    if not texts:
        return ""
    told = ", ".join(repr(text if len(text) <= 40 else text[:39] + "…") for text in texts[:3])
    more = f" and {len(texts) - 3} more" if len(texts) > 3 else ""
    return f"in English, as the catalogue of {speech.language!r} has no entry: {told}{more}"


@contextmanager
def speaking(language: str | None = None) -> Iterator[Speech]:
    """Texts are in this language until the end of the block: default that of the environment; see `chosen`."""
    speech = Speech(chosen(language))
    token = _SPOKEN.set(speech)
    try:
        yield speech
    finally:
        _SPOKEN.reset(token)


def chosen(language: str | None = None) -> str:
    """The language to speak: the argument, else OPTBENCH_LANGUAGE, else English. zh-CN and zh_CN.UTF-8 are zh.

    Raises `OptbenchError` for one that there is no catalogue of.
    """
    where, asked = "language", language
    if asked is None:
        where, asked = VARIABLE, os.environ.get(VARIABLE) or ENGLISH
    name = asked.replace("_", "-").split("-")[0].split(".")[0].lower() if isinstance(asked, str) else ""
    if name not in languages():
        raise OptbenchError(f"{where}: there are no texts in {asked!r}; {near(str(asked), languages())}")
    return name


@cache
def languages() -> tuple[str, ...]:
    """English, and the languages that there is a catalogue of."""
    found = [one.name for one in files("optbench.language").iterdir() if (one / "LC_MESSAGES").is_dir()]
    return (ENGLISH, *sorted(found))


def tag() -> str:
    """The language that is spoken, as a page names it: zh-Hans-CN."""
    return ENGLISH if spoken() == ENGLISH else _translations(spoken()).info()["language"].replace("_", "-")


@cache
def _catalogue(language: str) -> dict[str, str]:
    """{message: translation} of all that has one."""
    # the standard library's reader has no public way to ask what it holds
    held: dict[object, str] = _translations(language)._catalog  # type: ignore[attr-defined]
    return {text: said for text, said in held.items() if isinstance(text, str) and text and said}


@cache
def _translations(language: str) -> "GNUTranslations":
    from gettext import GNUTranslations

    with (files("optbench.language") / language / "LC_MESSAGES" / "optbench.mo").open("rb") as file:
        return GNUTranslations(file)
