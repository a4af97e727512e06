"""The texts of a suite that its page shows: which they are, and the suite with them in another language."""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from optbench.language import gettext as _

#: fields whose paragraphs are messages by themselves
PARAGRAPHS = ("problem", "text", "practice", "takeaway", "description")
#: what several sources, or a claim's remarks, are parted by
BETWEEN = "; "


def paragraphs(text: str) -> list[str]:
    """Paragraphs, which empty lines part, in a line each."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def messages(suite: Mapping[str, Any]) -> Iterator[str]:
    """All messages of a suite as its file has it, in its order."""
    yield from filter(None, [suite.get("title")])
    yield from paragraphs(suite.get("description") or "")
    for topic in suite.get("topics") or ():
        yield topic["name"]
        for field in PARAGRAPHS:
            yield from paragraphs(topic.get(field) or "")
        yield from filter(None, [(topic.get("exercise") or "").strip()])
        yield from _sources(topic)
    for table in (*(suite.get("workloads") or ()), *(suite.get("candidates") or ())):
        yield from filter(None, [table.get("title")])
    for claim in suite.get("claims") or ():
        yield claim["statement"]
        yield from _sources(claim)


def _sources(table: Mapping[str, Any]) -> list[str]:
    return [part for part in (table.get("source") or "").rstrip(".").split(BETWEEN) if part]


def source(text: str) -> str:
    """Sources, each by itself."""
    return _("; ").join(_(part) for part in text.rstrip(".").split(BETWEEN))


def translated(suite: dict[str, Any]) -> dict[str, Any]:
    """The suite with these texts in the language that is spoken. A topic's `key` is its own name."""
    title = suite.get("title") or ""
    found: dict[str, Any] = copy(suite)  # of its own class
    found.update(title=_(title), description=_each(suite.get("description") or ""))
    found["topics"] = [_topic(topic) for topic in suite.get("topics") or ()]
    for kind in ("workloads", "candidates"):
        found[kind] = [_titled(table) for table in suite.get(kind) or ()]
    found["claims"] = [
        {**claim, "statement": _(claim["statement"]), "source": source(claim.get("source") or ""),
         "topic": _(claim.get("topic", ""))}
        for claim in suite.get("claims") or ()
    ]  # fmt: skip
    return found


def _titled(table: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(table)
    for field in ("title", "topic"):
        if found.get(field):
            found[field] = _(found[field])
    return found


def _topic(topic: Mapping[str, Any]) -> dict[str, Any]:
    found = {**topic, "key": topic["name"], "name": _(topic["name"])}
    for field in PARAGRAPHS:
        found[field] = _each(topic.get(field) or "")
    found["exercise"] = _((topic.get("exercise") or "").strip())
    found["source"] = source(topic.get("source") or "")
    return found


def _each(text: str) -> str:
    return "\n\n".join(_(part) for part in paragraphs(text))
