"""One topic of a suite as a lesson: what it is called on a command line, and the part of the suite that it needs."""

import difflib
from collections.abc import Sequence
from typing import Any

from optbench.contract.errors import OptbenchError, near
from optbench.registry.catalogue import slug
from optbench.registry.registry import Registry
from optbench.suite.document import Suite
from optbench.suite.topic import Topic


class Lesson(dict[str, Any]):
    """A suite as a store keeps it, of which one topic is left: its page is that lesson, and ranks nobody."""

    @property
    def topic(self) -> dict[str, Any]:
        found: dict[str, Any] = self["topics"][0]
        return found


def topic_named(suite: Suite, name: str, called: str) -> Topic:
    """The topic of this name, whatever its case, with blanks or hyphens; its beginning is enough where no other begins
    so. Raises `OptbenchError` with near names.

    called   what messages call the suite
    """
    if not suite.topics:
        raise OptbenchError(f"{called} has no topics; `optbench lesson` shows those that a suite has as [[topics]]")
    found = {slug(topic.name): topic for topic in suite.topics}
    typed = slug(name)
    if typed in found:
        return found[typed]
    begun = [other for other in found if other.startswith(typed)]
    if len(begun) == 1:
        return found[begun[0]]
    hint = near(typed, begun or found)
    if hint.startswith("valid"):  # of long names people remember a word
        words = {word: other for other in found for word in other.split("-") if len(word) > 3}
        if close := difflib.get_close_matches(typed, words, n=1):
            hint = f"did you mean {words[close[0]]!r}?"
    raise OptbenchError(f"there is no topic {name!r} in {called}; {hint}")


def workloads_of(suite: Suite, topic: Topic) -> list[str]:
    """The workloads that a topic has or makes claims about, in the suite's order; none of one that only explains."""
    asked = {name for claim in suite.claims if claim.topic == topic.name for name in claim.workloads}
    return [w.name for w in suite.workloads if w.topic == topic.name or w.name in asked]


def lesson(suite: Suite, topic: Topic, registry: Registry, workloads: Sequence[str]) -> Lesson:
    """What of a suite is about a topic: its workloads, all who run there, its claims."""
    part = suite.limited(registry, workloads=workloads) if workloads else suite.model_copy(
        update={"workloads": (), "candidates": (), "baseline": None, "focus": (), "provenance": {}}
    )
    claims = tuple(claim for claim in part.claims if claim.topic == topic.name)
    part = part.model_copy(update={"topics": (topic,), "claims": claims, "designs": {}})
    return Lesson(part.model_dump(mode="json"))
