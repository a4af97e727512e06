"""What a comparison is about: settings that one study selected, or a method with its tuning budget.

Of one study all runs share the settings that it selected. However many seeds there are, they say nothing of what
another study of the same budget would have selected: the sentence is about these settings. Only where every workload
has several studies do intervals include tuning, and the sentence is about the method.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["defaults", "settings", "method"]


@dataclass(frozen=True)
class Scope:
    """What sentences are about.

    kind    defaults: nothing was tuned; settings: those that one study selected; method: with its tuning
    words   completes "of …": "the method with this tuning budget (3 studies of 8 trials)"
    """

    kind: Kind
    words: str


def scope(suite: Mapping[str, Any], workloads: Sequence[str] | None = None) -> Scope:
    """Which sentence applies, from the suite as run; of some of its workloads, or of all.

    One workload with a single study makes it a sentence about settings: intervals over all of them are then too narrow
    for more.
    """
    tuning = suite.get("tuning") or {}
    if tuning.get("method") == "none" or tuning.get("trials") == 0:
        return Scope("defaults", "the default settings")
    tables = [w for w in suite.get("workloads", []) if not w.get("variant_of")]
    if workloads is not None:
        tables = [w for w in tables if w["name"] in workloads]
    counts = [w.get("studies") or tuning.get("studies") or 1 for w in tables]
    trials = tuning.get("trials")
    budget = f" of {trials} trial{'s' if trials != 1 else ''}" if trials else ""
    least, most = min(counts, default=1), max(counts, default=1)
    if least < 2:
        return Scope("settings", f"these settings (one study{budget})")
    number = f"{least}" if least == most else f"{least} to {most}"
    return Scope("method", f"the method with this tuning budget ({number} studies{budget})")
