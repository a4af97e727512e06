"""Whether two runs meant the same: where a workload, a candidate or a budget is defined differently."""

from collections.abc import Mapping
from typing import Any

from optbench.trials.trial import WORDS


def unlike(one: Any, other: Any, path: str = "") -> str:
    """Where two settings differ first; empty where they do not. A field that only one knows came with a later version
    and has its default in the other."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in one:
            if key in other and (path or key not in WORDS):
                found = unlike(one[key], other[key], f"{path}.{key}" if path else key)
                if found:
                    return found
        if "search" in path:  # there a missing field is a hyperparameter that is not searched
            return "" if set(one) == set(other) else path
        return ""
    return "" if one == other else path or "value"
