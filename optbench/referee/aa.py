"""A/A comparisons: one optimizer under several names. Whatever is found to differ is found by chance.

The names have seeds of their own: with the same seeds one optimizer differs from itself in nothing, and a test of
that would prove nothing. Pairs are then pairs of independent runs.

Three kinds of false words:

    FIXED    a difference among equals, with a number of seeds that was fixed beforehand
    LOOKED   the same, where one looks again and again up to that number, and stops as soon as a word is spoken
    MARGIN   equality, of two that are just as far apart as the margin, with fixed seeds and with looks
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from optbench.referee.worlds import World, pairs
from optbench.statistics.bootstrap import medians
from optbench.statistics.claims import decide
from optbench.statistics.compare import against_rows
from optbench.statistics.contrast_claims import decide_contrast
from optbench.statistics.contrasts import difference, twofold
from optbench.statistics.equality import log_margin
from optbench.statistics.groups import groups
from optbench.statistics.holm import ALPHA
from optbench.statistics.interactions import Design, effects, judged, solved, terms_of
from optbench.statistics.level import at_look
from optbench.statistics.looks import Plan, rounds
from optbench.statistics.looks import decide as looked
from optbench.statistics.paired import paired_effect
from optbench.statistics.pairs import Paired
from optbench.statistics.ranks import friedman
from optbench.statistics.until import FIRST
from optbench.statistics.versus import compared
from optbench.statistics.wilcoxon import wilcoxon_holm

#: patterns of signs: fewer than a run has, since there are thousands of comparisons here
DRAWS = 1000
#: margins of equality: as wide as so few seeds of so noisy results can tell. A ratio of 1.5, a difference of 0.02
MARGINS = {"steps": 0.5, "final": 0.02}
DIFFER = ("faster", "slower", "better", "worse", "helps more", "helps less")
#: draws of names from a world, then: does the procedure speak a false word?
Procedure = Callable[[World, int, np.random.Generator, str], bool]


def _drawn(world: World, number: int, seeds: int, rng: np.random.Generator, by: str, workloads: int = 4) -> Paired:
    """One optimizer under the names a, b, c …"""
    return pairs({chr(97 + i): world.draw(seeds, rng, workloads) for i in range(number)}, by)


def _apart(world: World, number: int, seeds: int, rng: np.random.Generator, by: str) -> Paired:
    """The first of these names takes longer than each other one, and ends worse, by the margin."""
    fast = _censored(world, 1.0)
    slow = _censored(world, 1 + MARGINS["steps"])
    slow = World(world.name, slow.times, slow.budget, world.finals - MARGINS["final"])
    worlds = [slow, *[fast] * (number - 1)]
    return pairs({chr(97 + i): one.draw(seeds, rng, 4) for i, one in enumerate(worlds)}, by)


def _censored(world: World, factor: float) -> World:
    """With all times multiplied and a miss where one is then beyond the budget, which as many of the world's own times
    are as it has misses: so that what is true of times is true of the ones that nobody saw, too."""
    times, budget = np.empty(world.times.shape), np.empty(len(world.times))
    for w, row in enumerate(world.times):
        met = row[np.isfinite(row)]
        times[w] = np.resize(met, len(row)) * factor
        budget[w] = world.budget[w] if len(met) == len(row) else np.quantile(met, len(met) / len(row))
    return World(world.name, np.where(times > budget[:, None], np.inf, times), budget, world.finals)


def _margin(by: str) -> float:
    return log_margin(MARGINS["steps"]) if by == "steps" else MARGINS["final"]


def _asked(names: Sequence[str], focus: bool) -> list[tuple[str, str]]:
    return [(names[0], other) for other in names[1:]] if focus else list(combinations(names, 2))


def _until(found: Paired, seeds: int) -> Paired:
    return Paired(
        found.candidates, found.workloads, found.values[:, :, :seeds], found.missed[:, :, :seeds], found.ratio
    )


def looks_of(seeds: int) -> tuple[int, ...]:
    """When one looks, up to so many seeds."""
    return rounds(min(FIRST, seeds), seeds)


def claim(workloads: int, again: bool = False) -> Procedure:
    """A claim that one is better than the other: supported, or refuted because it is worse; at any look."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        table = _drawn(world, 2, seeds, rng, by, workloads).table(0, 1)
        looks = looks_of(seeds) if again else (seeds,)
        for n in looks:
            level, parts = at_look(looks, n), list(table[:, :n])
            effect = paired_effect(parts, level.confidence)
            if decide({}, parts, effect, level.difference)[0] != "undecided" and effect.mean != 0:
                return True  # equal in every pair is true
        return False

    return differs


def interaction_claim(again: bool = False) -> Procedure:
    """A claim that one leads another by more than a third a fourth (`than`): supported, or refuted; at any look."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        found = _drawn(world, 4, seeds, rng, by)
        looks = looks_of(seeds) if again else (seeds,)
        for n in looks:
            word, _, effect = decide_contrast(_until(found, n), twofold(*"abcd"), 0.0, level=at_look(looks, n))
            if word != "undecided" and effect.mean != 0:
                return True
        return False

    return differs


def workload_family(workloads: int) -> Procedure:
    """The tests of one candidate against the baseline, workload by workload: any other word than undecided."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        rows = against_rows(_drawn(world, 2, seeds, rng, by, workloads), "a")
        return any(p_holm <= ALPHA for *_, p_holm, _, _ in rows)

    return differs


def verdict(candidates: int, focus: bool = False) -> Procedure:
    """The verdict, of every pair or of the first against each other one: whether it tells anybody apart."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        found = _drawn(world, candidates, seeds, rng, by)
        said = compared(found, _asked(found.candidates, focus), _margin(by), draws=DRAWS)
        return any(c.word in DIFFER for c in said)

    return differs


def grouped(candidates: int) -> Procedure:
    """The order of groups: whether there is more than one."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        found = _drawn(world, candidates, seeds, rng, by)
        said = compared(found, _asked(found.candidates, False), _margin(by), draws=DRAWS)
        return len(groups(found.candidates, said).order) > 1

    return differs


def until_decided(candidates: int, focus: bool = False) -> Procedure:
    """The verdict while seeds are added: whether any look tells anybody apart."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        found = _drawn(world, candidates, seeds, rng, by)
        plan = Plan(looks_of(seeds), _margin(by))
        said = looked(found, _asked(found.candidates, focus), plan, DRAWS).decisions
        return any(d.word in DIFFER for d in said)

    return differs


GRID = Design(
    "grid",
    {"optimizer": ("a", "b"), "schedule": ("x", "y", "z")},
    {(a, b): chr(97 + 3 * i + j) for i, a in enumerate("ab") for j, b in enumerate("xyz")},
)


def crossed(kind: str) -> Procedure:
    """Effects of one kind of a grid of two by three components (`[[grid]]`): whether any is found."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        found = solved(_drawn(world, 6, seeds, rng, by), GRID)
        asked = [(one, terms_of(GRID, one)) for one in effects(GRID, kind)]
        return any(row["verdict"] in DIFFER for row in judged(GRID, by, found, asked, _margin(by)))

    return differs


def over_workloads(candidates: int, workloads: int, test: str) -> Procedure:
    """Friedman's test, or Wilcoxon-Holm, of the candidates' medians: any difference."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        import pandas as pd

        names = {chr(97 + i): world.draw(seeds, rng, workloads) for i in range(candidates)}
        # exponentials, so that logarithms of ratios are differences of results
        values = [medians(s.times) if by == "steps" else np.exp(-medians(s.finals)) for s in names.values()]
        table = pd.DataFrame(values, index=list(names))
        if test == "friedman":
            return friedman(table).f_p <= ALPHA
        return bool((wilcoxon_holm(table)["verdict"] != "undecided").any())

    return differs


def equal(candidates: int, again: bool = False) -> Procedure:
    """The verdict on the first against each other one, all one margin away: whether any is called equal."""

    def false(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        found = _apart(world, candidates, seeds, rng, by)
        asked = _asked(found.candidates, True)
        if again:
            plan = Plan(looks_of(seeds), _margin(by))
            return any(d.word == "equal" for d in looked(found, asked, plan, DRAWS).decisions)
        return any(c.word == "equal" for c in compared(found, asked, _margin(by), draws=DRAWS))

    return false


def equal_claim(again: bool = False) -> Procedure:
    """A claim of equality (`equal`), of two that are one margin apart: supported, at any look."""

    def false(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        found = _apart(world, 2, seeds, rng, by)
        looks = looks_of(seeds) if again else (seeds,)
        return any(
            decide_contrast(_until(found, n), difference("a", "b"), _margin(by), True, at_look(looks, n))[0]
            == "supported"
            for n in looks
        )

    return false


#: every procedure that tells a difference, with fixed seeds
FIXED: dict[str, Procedure] = {
    "claim, one workload": claim(1),
    "claim, four workloads": claim(4),
    "claim of an interaction": interaction_claim(),
    "words of four workloads": workload_family(4),
    "verdict, two candidates": verdict(2),
    "verdict, five candidates": verdict(5),
    "groups of five candidates": grouped(5),
    "verdict, one in focus, four others": verdict(5, focus=True),
    "grid of 2 x 3, main effects": crossed("main"),
    "grid of 2 x 3, interactions": crossed("interaction"),
    "Friedman, five on 12 workloads": over_workloads(5, 12, "friedman"),
    "Wilcoxon-Holm, five on 12 workloads": over_workloads(5, 12, "wilcoxon"),
}
LOOKED: dict[str, Procedure] = {
    "claim, one workload": claim(1, again=True),
    "claim, four workloads": claim(4, again=True),
    "claim of an interaction": interaction_claim(again=True),
    "verdict, two candidates": until_decided(2),
    "verdict, five candidates": until_decided(5),
    "verdict, one in focus, four others": until_decided(5, focus=True),
}
MARGIN: dict[str, Procedure] = {
    "claim of equality": equal_claim(),
    "verdict, two candidates": equal(2),
    "verdict, one in focus, four others": equal(5),
    "claim of equality, looked at": equal_claim(again=True),
    "verdict, two candidates, looked at": equal(2, again=True),
    "verdict, one in focus, four others, looked at": equal(5, again=True),
}
#: by the part of the referee's table
PARTS: dict[str, dict[str, Procedure]] = {"A/A": FIXED, "A/A, looks": LOOKED, "margin": MARGIN}


def false_rate(
    procedure: Procedure, world: World, seeds: int, comparisons: int, rng: np.random.Generator, by: str = "steps"
) -> float:
    """Share of so many comparisons in which the procedure speaks a false word."""
    return float(np.mean([procedure(world, seeds, rng, by) for _ in range(comparisons)]))
