"""Which topics a suite tells of, and whether it is a lesson."""

from collections.abc import Mapping
from typing import Any

from optbench.suite.lessons import Lesson


def told(suite: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The topics of a suite, in order: also those that only explain."""
    return list(suite.get("topics") or [])


def only_lesson(suite: Mapping[str, Any]) -> bool:
    """Whether candidates run on workloads of their own, so that no ranking of all of them means anything; of controls
    none is meant, and one lesson by itself is one."""
    if isinstance(suite, Lesson):
        return True
    names = {w["name"] for w in suite.get("workloads", [])}
    ran = [c.get("workloads") for c in suite.get("candidates", [])]
    if suite.get("controls"):
        return True
    talked = {one.get("topic") for kind in ("claims", "workloads") for one in suite.get(kind, [])}
    lesson = any(topic["name"] in talked for topic in told(suite))
    return lesson and any(some is not None and names - set(some) for some in ran)
