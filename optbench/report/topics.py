"""Which topics a suite has to tell of, and whether it is a lesson."""

from collections.abc import Mapping
from typing import Any


def told(suite: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The topics of a suite that there is something to show for, in order."""
    talked = {c.get("topic") for c in suite.get("claims", [])} | {
        w.get("topic") for w in suite.get("workloads", [])
    }
    return [topic for topic in suite.get("topics", []) if topic["name"] in talked]


def only_lesson(suite: Mapping[str, Any]) -> bool:
    """Whether candidates run on workloads of their own, so that no ranking of all of them means anything; of controls
    none is meant."""
    names = {w["name"] for w in suite.get("workloads", [])}
    ran = [c.get("workloads") for c in suite.get("candidates", [])]
    if suite.get("controls"):
        return True
    return bool(told(suite)) and any(some is not None and names - set(some) for some in ran)
