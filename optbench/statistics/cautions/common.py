"""What the checks share: a caution, and reading of tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    from optbench.tuning import Space


@dataclass(frozen=True)
class Caution:
    """One warning. Without a workload it is about all of them; without a candidate, about the comparison."""

    kind: str
    workload: str
    candidate: str
    message: str


def searched_space(candidate: Any, workload: Any, tuning: Mapping[str, Any]) -> "Space | None":
    """What was searched; None where the stored suite does not say it."""
    from optbench.tuning.space import stored_space

    if candidate is None or workload is None or not isinstance(candidate.get("optimizer"), Mapping):
        return None
    return stored_space(candidate, workload, tuning)


def by_name(suite: Mapping[str, Any], plural: str) -> dict[str, Mapping[str, Any]]:
    """The suite's workloads or candidates by name."""
    return {table["name"]: table for table in suite.get(plural, [])}


def usual(values: Any) -> Any:
    """The most frequent value; of several, the first."""
    return Counter(values).most_common(1)[0][0]


def others(values: Sequence[Any], value: Any) -> str:
    """Of whom a value is told: the other, of one; all others, or most of them."""
    if len(values) == 1:
        return "the other"
    return "all others" if all(one == value for one in values) else "most others"


def short(path: str) -> str:
    """optimizer.inner.lr is called inner.lr: what it belongs to goes without saying."""
    return path.removeprefix("optimizer.")


def text(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
