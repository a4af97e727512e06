"""What is asked of a run, in data: how fast, and how well; of whom against whom, with one word each.

**How fast** compares times to the targets (`pairs`), **how well** the final results: who trains faster and who ends
better are two questions, and whoever overfits may be first in one and last in the other.

With a **focus** each of its candidates is compared with every other, and p is corrected for these comparisons alone.
Without one every pair is compared, and what is known is a partial order: groups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.cells import final_runs
from optbench.statistics.compare import MARGINS, By
from optbench.statistics.equality import Word, log_margin
from optbench.statistics.flips import DRAWS
from optbench.statistics.groups import Groups, groups
from optbench.statistics.holm import ALPHA
from optbench.statistics.pairs import Paired, seed_pairs
from optbench.statistics.planning import least_difference, noise
from optbench.statistics.versus import Comparison, compared

if TYPE_CHECKING:
    import pandas as pd

#: the words that each turns into with the two candidates exchanged
OPPOSITE: dict[Word, Word] = {
    "faster": "slower", "slower": "faster", "better": "worse", "worse": "better", "equal": "equal",
    "undecided": "undecided",
}  # fmt: skip
#: so many signs times comparisons are kept at once, and so many patterns at least are drawn
ROOM, FEWEST = 4_000_000, 500


@dataclass(frozen=True)
class Question:
    """One of the two questions, with what was found.

    name         "time" or "result"
    by           what is compared: steps, gradients, epochs or seconds to the targets; final
    metric       what that is called: steps, or of results test accuracy, test R², normalized test result
    margin       of equality: a share of times, or a difference of results
    comparisons  one a pair that was asked about; with a focus its candidate comes first
    groups       who is told apart from whom, from these comparisons
    workloads    that take part; `noise` of paired differences on each: of logarithms of times, or of results
    seeds        pairs of the workload with the fewest
    least        the least difference that is told with 80 % power: a share of times, or a difference of results;
                 infinite where nothing can be told, NaN where nothing is compared
    pairs        what was compared
    """

    name: str
    by: By
    metric: str
    margin: float
    comparisons: tuple[Comparison, ...]
    groups: Groups
    workloads: tuple[str, ...]
    noise: tuple[float, ...]
    seeds: int
    least: float
    pairs: Paired = field(repr=False, compare=False)

    @property
    def unit(self) -> str:
        """Of effects: "ratio" of times (below 1 is faster) or "difference" of results (above 0 is better)."""
        return self.pairs.unit

    def between(self, candidate: str, against: str) -> Comparison | None:
        """The comparison of these two, about the first; None where it was not asked for."""
        for c in self.comparisons:
            if (c.candidate, c.against) == (candidate, against):
                return c
            if (c.candidate, c.against) == (against, candidate):
                return turned(c, self.pairs.ratio)
        return None

    def about(self, candidate: str) -> list[Comparison]:
        """All comparisons of a candidate, about it."""
        names = [c.against if c.candidate == candidate else c.candidate for c in self.comparisons]
        mine = [n for n, c in zip(names, self.comparisons, strict=True) if candidate in (c.candidate, c.against)]
        return [found for name in mine if (found := self.between(candidate, name)) is not None]

    def words(self, candidate: str) -> dict[Word, list[str]]:
        """{word: the others of whom it holds} about a candidate."""
        found: dict[Word, list[str]] = {}
        for c in self.about(candidate):
            found.setdefault(c.word, []).append(c.against)
        return found

    def level(self, candidate: str) -> list[str]:
        """Who is not told apart from a candidate: equal, or undecided."""
        words = self.words(candidate)
        return [*words.get("equal", ()), *words.get("undecided", ())]

    @property
    def told(self) -> int:
        """How many comparisons are decided: a difference, or equality."""
        return sum(c.word != "undecided" for c in self.comparisons)


def question(
    trials: "pd.DataFrame",
    by: By,
    asked: Sequence[tuple[str, str]],
    order: Sequence[str],
    margins: Mapping[str, float] | None = None,
    alpha: float = ALPHA,
) -> Question:
    """The answer of the trials' table for these pairs of candidates; `order` of names in the groups."""
    pairs = seed_pairs(trials, by)
    name = "result" if by == "final" else "time"
    margin = {**MARGINS, **(margins or {})}[name]
    known = [pair for pair in asked if set(pair) <= set(pairs.candidates)]
    draws = int(np.clip(ROOM // max(len(known), 1), FEWEST, DRAWS))
    scaled = log_margin(margin) if pairs.ratio else margin
    found = compared(pairs, known, scaled, alpha, draws=draws) if known and pairs.workloads else []
    spread = noise(pairs) if pairs.workloads else np.zeros(0)
    there = ~np.isnan(spread)
    number = min((c.pairs for c in found if c.pairs), default=0)
    least = float("nan")
    if number >= 2 and there.any():
        least = least_difference(spread[there].tolist(), number, len(found), alpha=alpha)
        least = float(np.expm1(least)) if pairs.ratio else least
    return Question(
        name, by, _metric(trials, by), margin, tuple(found), groups(order, found), tuple(pairs.workloads),
        tuple(map(float, spread)), number, least, pairs,
    )  # fmt: skip


def turned(c: Comparison, ratio: bool) -> Comparison:
    """The same comparison about the other one."""
    ends = np.array([c.effect, c.low, c.high, c.low_all, c.high_all])
    with np.errstate(divide="ignore"):  # an interval that begins at 0 ends at infinity
        effect, high, low, high_all, low_all = map(float, 1 / ends if ratio else -ends)
    return Comparison(
        c.against, c.candidate, effect, low, high, low_all, high_all, c.within, c.p, c.p_equal, OPPOSITE[c.word],
        c.pairs, c.workloads, c.reason,
    )  # fmt: skip


def _metric(trials: "pd.DataFrame", by: str) -> str:
    if by != "final":
        return {"gradients": "gradient evaluations"}.get(by, by)
    runs = final_runs(trials)
    kinds: set[Any] = set(runs["metric"])
    split = "test " if runs["final_test_metric"].notna().any() else ""
    return split + {("accuracy",): "accuracy", ("r2",): "R²"}.get(tuple(kinds), "result, normalized")
