"""What others have published, from published.toml: orders of methods, and ratios of times."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError

FILE = Path(__file__).with_name("published.toml")
#: choices of a submission for every method that are tried, at the most
CHOICES = 4096


@dataclass(frozen=True)
class Entry:
    """A row of a published order. `ours` is our candidate of the same method; None: not compared, for `difference`."""

    published: str
    score: float
    difference: str
    ours: str | None = None


@dataclass(frozen=True)
class Order:
    """Published scores, where they stand, and what has to be known to read them; `higher` scores are better or lower.

    compared   what was: how many workloads, how methods were tuned
    """

    name: str
    title: str
    metric: str
    higher: bool
    compared: str
    source: str
    caveats: tuple[str, ...]
    entries: tuple[Entry, ...]

    def cost(self, entry: Entry) -> float:
        """Its score, turned so that less is better."""
        return -entry.score if self.higher else entry.score

    def submissions(self, ours: Iterable[str]) -> dict[str, list[Entry]]:
        """The entries of each of our candidates that has any, best first; candidates best first as well."""
        known = set(ours)
        found: dict[str, list[Entry]] = {}
        for entry in sorted(self.entries, key=self.cost):
            if entry.ours in known:
                found.setdefault(str(entry.ours), []).append(entry)
        return found

    def choices(self, methods: Iterable[str]) -> list[list[float]]:
        """Costs of `methods` for each choice of a submission for every method, the best of all first."""
        found = self.submissions(methods)
        each = [[self.cost(entry) for entry in found[method]] for method in methods]
        return [list(costs) for costs, _ in zip(product(*each), range(CHOICES), strict=False)]


@dataclass(frozen=True)
class Ratio:
    """A published ratio of times, `ours` over `against`: below 1 is faster.

    low, high   a range, over what `range` says; None where there is none
    like        kinds of networks of ours that are nearest to theirs
    """

    name: str
    title: str
    ours: str
    against: str
    ratio: float
    source: str
    caveats: tuple[str, ...]
    like: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    range: str = ""

    @property
    def ends(self) -> tuple[float, float]:
        """The range, or the number twice."""
        return (self.ratio if self.low is None else self.low, self.ratio if self.high is None else self.high)


@dataclass(frozen=True)
class Published:
    orders: tuple[Order, ...] = field(default=())
    ratios: tuple[Ratio, ...] = field(default=())


def published(file: Path = FILE) -> Published:
    """What a file holds; OptbenchError that names the table where it is not of this form."""
    found: dict[str, list[Any]] = {"orders": [], "ratios": []}
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise OptbenchError(f"{file}: {error}") from None
    for kind, cls in (("orders", Order), ("ratios", Ratio)):
        for number, table in enumerate(tables.get(kind, ())):
            where = f"{file.name}: {kind}[{number}] {table.get('name', '')}".rstrip()
            try:
                entries = {"entries": tuple(Entry(**row) for row in table["entries"])} if cls is Order else {}
                lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
                found[kind].append(cls(**(table | lists | entries)))
            except (KeyError, TypeError) as error:
                raise OptbenchError(f"{where}: {error}") from None
    return Published(tuple(found["orders"]), tuple(found["ratios"]))
