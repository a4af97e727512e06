"""Costs of a step that were measured on several machines, as seconds of one of them.

Steps compare across machines, seconds do not. So a candidate that was timed elsewhere is given the seconds that it
would take here, as far as a candidate that was timed on both tells:

    here(c) = there(c) * here(b) / there(b)

with b the baseline or, where that was not timed on both, the geometric mean over all candidates that were. It assumes
that the machines differ by one factor a workload. Where nothing was timed on both there is no honest number: NaN.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

CostRow = tuple[str, str, float, float, float, int]


@dataclass(frozen=True)
class Measured:
    """Seconds of a step as they were measured: median and quartiles of `samples` rounds, on machine `place`."""

    workload: str
    candidate: str
    seconds_per_step: float
    low: float
    high: float
    samples: int
    place: int


@dataclass(frozen=True)
class Scaled:
    """A candidate's cost on a workload that was measured elsewhere and multiplied by `factor`; `by` says with whom."""

    workload: str
    candidate: str
    factor: float
    by: tuple[str, ...]


def on_one_machine(rows: Sequence[Measured], baseline: str | None = None) -> tuple[list[CostRow], list[Scaled]]:
    """One row a workload and candidate, in seconds of the machine where the workload was timed last; and what was
    scaled to it. `rows` are in the order in which they were measured."""
    costs: list[CostRow] = []
    scaled: list[Scaled] = []
    for workload in dict.fromkeys(row.workload for row in rows):
        ours = [row for row in rows if row.workload == workload]
        here = ours[-1].place
        places: dict[int, dict[str, Measured]] = {}
        for row in ours:
            places.setdefault(row.place, {})[row.candidate] = row
        for candidate in dict.fromkeys(row.candidate for row in ours):
            if candidate in places[here]:
                row, factor = places[here][candidate], 1.0
            else:
                row = next(r for r in reversed(ours) if r.candidate == candidate)
                factor, by = ratio(places[here], places[row.place], baseline)
                scaled.append(Scaled(workload, candidate, factor, by))
            seconds = (row.seconds_per_step * factor, row.low * factor, row.high * factor)
            costs.append((workload, candidate, *seconds, row.samples))
    return costs, scaled


def ratio(
    here: dict[str, Measured], there: dict[str, Measured], baseline: str | None
) -> tuple[float, tuple[str, ...]]:
    """How much longer a step takes here than there, and the candidates that tell; NaN where none does."""
    both = {
        name: here[name].seconds_per_step / there[name].seconds_per_step
        for name in here
        if name in there and here[name].seconds_per_step > 0 and there[name].seconds_per_step > 0
    }
    if baseline in both:
        both = {baseline: both[baseline]}
    if not both:
        return math.nan, ()
    return math.exp(math.fsum(map(math.log, both.values())) / len(both)), tuple(both)
