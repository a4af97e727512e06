"""Decisions while seeds are added: the same words as in `versus`, valid however many of the planned looks are taken.

The seeds at which one looks are planned beforehand. At each look every open comparison is tested on all pairs so far,
with what the spending function allows (`spending`). Boundaries come from the pairs themselves: one pattern of flipped
signs (`flips`) is applied to all looks and all comparisons at once, and a look's boundary is what the largest |t| of
the comparisons exceeds in the share of patterns that may be spent there, of those that did not stop before. So the
looks' dependence and the comparisons' is what it is in the data, and nothing is assumed to be normal.

**Differences** are corrected step by step as in `many`: whenever some comparisons are decided, the others are held
against the boundaries of those that are left, at this look and the ones before it. (A closed test: Tang and Geller
1999, Biometrics 55:1188.) **Equality** has looks of its own: both one-sided tests of a comparison must have stopped by
now, each at alpha over the number of comparisons without equality so far (Holm 1979).

A decision stays. Where a look finds both, the word is `equal`, as in `equality`.

It is a pure function of the pairs in the order in which they came, and of the plan: gone on with later, or asked again,
a run takes the same decisions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optbench.statistics.equality import Word, word
from optbench.statistics.flips import DRAWS, TIE, patterns, statistics
from optbench.statistics.holm import ALPHA
from optbench.statistics.pairs import Paired
from optbench.statistics.spending import Spending, spent


@dataclass(frozen=True)
class Plan:
    """Beforehand: when one looks, and how.

    seeds      numbers of seeds, rising; the last is the limit
    margin     of equality on the scale of the values (`log_margin`); None: nothing is called equal
    alpha      the chance that any false word of a kind is spoken, over all looks and comparisons
    """

    seeds: tuple[int, ...]
    margin: float | None = None
    alpha: float = ALPHA
    spending: Spending = "pocock"

    def __post_init__(self) -> None:
        if not self.seeds or self.seeds[0] < 2 or list(self.seeds) != sorted(set(self.seeds)):
            raise ValueError(f"seeds: {self.seeds}; expected rising numbers of 2 or more")

    def allowed(self, look: int, alpha: float, sides: int) -> float:
        """What the looks up to this one, counted from 0, may have spent of `alpha`."""
        return spent(self.seeds[look] / self.seeds[-1], alpha, self.spending, sides)

    def taken(self, seeds: int) -> int:
        """How many looks that many seeds are enough for."""
        return sum(n <= seeds for n in self.seeds)


def rounds(first: int, most: int, growth: float = 1.5) -> tuple[int, ...]:
    """Planned numbers of seeds: from `first` to `most`, each `growth` times the one before: 6, 9, 14, 21 …"""
    if not 2 <= first <= most or not growth > 1:
        raise ValueError(f"first: {first}, most: {most}, growth: {growth}; expected 2 <= first <= most, growth above 1")
    found, at = [first], float(first)
    while found[-1] < most:
        at *= growth
        found.append(min(max(round(at), found[-1] + 1), most))
    return tuple(found)


@dataclass(frozen=True)
class Decision:
    """The word on a comparison so far.

    look    the look that decided it, from 1 on; 0 while it is open
    seeds   of that look
    z       |t| that each of the looks before would have asked for; for `after_stopping`. Empty while it is open
    """

    candidate: str
    against: str
    word: Word
    look: int
    seeds: int
    z: tuple[float, ...] = ()


@dataclass(frozen=True)
class Progress:
    """decisions   one a comparison, in the order in which they were asked
    looks       how many of the planned looks were taken
    next        the number of seeds of the next look; None: all is decided, or the last look was taken
    """

    decisions: tuple[Decision, ...]
    looks: int
    next: int | None


def decide(pairs: Paired, asked: Sequence[tuple[str, str]], plan: Plan, draws: int = DRAWS) -> Progress:
    """The decisions on pairs of candidates, corrected for all of them, from the seeds that there are.

    pairs   its seeds in the order in which they were added; what goes beyond the last whole look waits for the next
    """
    places = [(pairs.candidates.index(a), pairs.candidates.index(b)) for a, b in asked]
    looks = plan.taken(pairs.values.shape[2])
    seeds = plan.seeds[:looks]
    open_now = [Decision(a, b, "undecided", 0, 0) for a, b in asked]
    if not looks or not asked:
        return Progress(tuple(open_now), 0, plan.seeds[0] if asked else None)
    signs, _ = patterns([seeds[-1]] * len(pairs.workloads), draws, exact=0)
    signs = [s.astype(float) for s in signs]  # once, and not at every look
    tables = np.stack([pairs.table(*place) for place in places], axis=-1)
    differs, z = _differences(_looked(tables, seeds, signs), plan)
    equals = _equalities(pairs, places, seeds, signs, plan)
    decisions = []
    for j, found in enumerate(open_now):
        first = min(differs[j], equals[j])
        if first == looks:
            decisions.append(found)
            continue
        group = [row[~np.isnan(row)] for row in tables[:, : seeds[first], j]]
        effect = float(np.mean([g.mean() for g in group if len(g) >= 2]))
        said = word(effect, float(differs[j] != first), float(equals[j] != first), pairs.ratio)
        decisions.append(Decision(*asked[j], said, first + 1, seeds[first], tuple(map(float, z[j][:first]))))
    done = all(d.look for d in decisions) or looks == len(plan.seeds)
    return Progress(tuple(decisions), looks, None if done else plan.seeds[looks])


#: t of each comparison at each look (looks, comparisons), and of each pattern (looks, patterns, comparisons)
Looked = tuple[np.ndarray, np.ndarray]


def _looked(tables: np.ndarray, seeds: Sequence[int], signs: list[np.ndarray]) -> Looked:
    """Of differences (workloads, seeds, comparisons)."""
    parts = [list(tables[:, :n]) for n in seeds]
    return np.stack([statistics(p) for p in parts]), np.stack([statistics(p, signs) for p in parts])


def _boundaries(largest: np.ndarray, plan: Plan, alpha: float, sides: int) -> np.ndarray:
    """(looks,): a look stops above it. `largest` (looks, patterns): the statistic that each pattern gives."""
    looks, number = largest.shape
    going = np.ones(number, dtype=bool)
    found = np.full(looks, np.inf)
    for look in range(looks):
        may = int(plan.allowed(look, alpha, sides) * number + 1e-9) - int(number - going.sum())
        ordered = np.sort(largest[look][going])[::-1]
        if 0 < may < len(ordered):
            found[look] = ordered[may] * (1 + TIE)
            going &= largest[look] <= found[look]
    return found


def _differences(looked: Looked, plan: Plan) -> tuple[list[int], list[np.ndarray]]:
    """(the look that found each to differ, or the number of looks; the boundaries that it was held against)."""
    t, flipped = np.abs(looked[0]), np.abs(looked[1])
    looks, number = t.shape
    found = [looks] * number
    held = [np.full(looks, np.inf)] * number
    left = list(range(number))
    while left:
        z = _boundaries(flipped[:, :, left].max(axis=2), plan, plan.alpha, 2)
        stopped = {j: int(np.argmax(t[:, j] > z)) for j in left if (t[:, j] > z).any()}
        if not stopped:
            break
        # only the earliest: those that stop later are held against the boundaries of what is left then
        first = min(stopped.values())
        for j, look in stopped.items():
            if look == first:
                found[j], held[j] = max(first, _last(found, looks)), z
                left.remove(j)
    return found, held


def _last(found: list[int], looks: int) -> int:
    """The latest look that has decided anything: what follows from it is not known before."""
    return max((look for look in found if look < looks), default=0)


def _equalities(
    pairs: Paired, places: list[tuple[int, int]], seeds: Sequence[int], signs: list[np.ndarray], plan: Plan
) -> list[int]:
    """The look that found each to be equal, or the number of looks."""
    looks, number = len(seeds), len(places)
    found = [looks] * number
    if plan.margin is None:
        return found
    sides: dict[int, list[Looked]] = {}
    for j, place in enumerate(places):
        below, above = pairs.bound_tables(*place, plan.margin)
        shifted = (below + plan.margin)[..., None], (plan.margin - above)[..., None]
        seen = [np.stack([statistics(list(side[:, :n])) for n in seeds]) for side in shifted]
        if all((t > 1.0).any() for t in seen):  # else no boundary is that low
            sides[j] = [_looked(side, seeds, signs) for side in shifted]
    left = number
    while sides:
        stopped = {}
        for j, both in sides.items():
            ends = [_first(one, plan, plan.alpha / left) for one in both]
            if max(ends) < looks:
                stopped[j] = max(ends)
        if not stopped:
            break
        first = min(stopped.values())
        for j in [j for j, look in stopped.items() if look == first]:
            found[j] = max(first, _last(found, looks))
            del sides[j]
            left -= 1
    return found


def _first(one: Looked, plan: Plan, alpha: float) -> int:
    """The look at which a one-sided test stops, or the number of looks."""
    t, flipped = one[0][:, 0], one[1][:, :, 0]
    above = t > _boundaries(flipped, plan, alpha, 1)
    return int(np.argmax(above)) if above.any() else len(t)
