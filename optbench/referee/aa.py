"""A/A comparisons: one optimizer under several names. Whatever is found to differ is found by chance.

The names have seeds of their own: with the same seeds one optimizer differs from itself in nothing, and a test of
that would prove nothing. Pairs are then pairs of independent runs.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from optbench.referee.worlds import World, pairs
from optbench.statistics.bootstrap import medians
from optbench.statistics.claims import decide
from optbench.statistics.compare import against_rows
from optbench.statistics.holm import ALPHA
from optbench.statistics.paired import paired_effect
from optbench.statistics.ranks import friedman
from optbench.statistics.versus import all_against_all
from optbench.statistics.wilcoxon import wilcoxon_holm

#: patterns of signs: fewer than a run has, since there are thousands of comparisons here
DRAWS = 1000
#: draws of names from a world, then: does the procedure say that any of them differ?
Procedure = Callable[[World, int, np.random.Generator, str], bool]


def _names(world: World, number: int, seeds: int, rng: np.random.Generator, workloads: int | None) -> dict[str, Any]:
    return {chr(97 + i): world.draw(seeds, rng, workloads) for i in range(number)}


def claim(workloads: int) -> Procedure:
    """A claim that one is better than the other: supported, or refuted because it is worse."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        found = pairs(_names(world, 2, seeds, rng, workloads), by)
        groups = found.differences(0, 1)
        effect = paired_effect(groups)
        return decide({}, groups, effect)[0] != "undecided" and effect.mean != 0  # equal in every pair is true

    return differs


def workload_family(workloads: int) -> Procedure:
    """The tests of one candidate against the baseline, workload by workload: any other word than undecided."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        rows = against_rows(pairs(_names(world, 2, seeds, rng, workloads), by), "a")
        return any(p_holm <= ALPHA for *_, p_holm, _, _ in rows)

    return differs


def verdict(candidates: int, workloads: int) -> Procedure:
    """The verdict without a focus: whether it tells anybody apart."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        found = pairs(_names(world, candidates, seeds, rng, workloads), by)
        return any(c.word != "undecided" for c in all_against_all(found, draws=DRAWS))

    return differs


def over_workloads(candidates: int, workloads: int, test: str) -> Procedure:
    """Friedman's test, or Wilcoxon-Holm, of the candidates' medians: any difference."""

    def differs(world: World, seeds: int, rng: np.random.Generator, by: str) -> bool:
        import pandas as pd

        names = _names(world, candidates, seeds, rng, workloads)
        # exponentials, so that logarithms of ratios are differences of results
        values = [medians(s.times) if by == "steps" else np.exp(-medians(s.finals)) for s in names.values()]
        table = pd.DataFrame(values, index=list(names))
        if test == "friedman":
            return friedman(table).f_p <= ALPHA
        return bool((wilcoxon_holm(table)["verdict"] != "undecided").any())

    return differs


#: every procedure that speaks a verdict
PROCEDURES: dict[str, Procedure] = {
    "claim, one workload": claim(1),
    "claim, four workloads": claim(4),
    "words of four workloads": workload_family(4),
    "verdict, two candidates": verdict(2, 4),
    "verdict, five candidates": verdict(5, 4),
    "Friedman, five on 12 workloads": over_workloads(5, 12, "friedman"),
    "Wilcoxon-Holm, five on 12 workloads": over_workloads(5, 12, "wilcoxon"),
}


def false_rate(
    procedure: Procedure, world: World, seeds: int, comparisons: int, rng: np.random.Generator, by: str = "steps"
) -> float:
    """Share of so many A/A comparisons in which the procedure finds a difference."""
    return float(np.mean([procedure(world, seeds, rng, by) for _ in range(comparisons)]))
