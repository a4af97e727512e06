"""How many seeds a run has: what its arguments ask for, and what stored results allow."""

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError
from optbench.results.reference import Plan
from optbench.results.rounds import Until, aim_of
from optbench.results.spending import Spending
from optbench.statistics.until import MOST
from optbench.store.store import Store
from optbench.suite import Suite
from optbench.trials.seeds import MOST_SEEDS


def limits_of(
    until: str | None, minutes: float | None, seeds_at_most: int | None, seeds: int | None
) -> tuple[int, float | None] | None:
    """(seeds at most, minutes) of a run that adds seeds; None: it has its number of seeds."""
    if until is not None:
        arguments.choice("until", until, ("decided",))
    elif minutes is None:
        if seeds_at_most is not None:
            raise OptbenchError("seeds_at_most is a limit of until='decided' or of minutes, which were not asked for")
        return None
    if seeds is not None:
        what = "minutes are" if until is None else "until='decided' is"
        raise OptbenchError(f"seeds is a fixed number, {what} for adding them: give one of both (or seeds_at_most)")
    most = MOST if seeds_at_most is None else arguments.whole("seeds_at_most", seeds_at_most, 2, MOST_SEEDS)
    return most, None if minutes is None else arguments.seconds("minutes", minutes, "minutes")


def seeding(
    chosen: Suite,
    beside: "tuple[Plan, Store] | None",
    decided: bool,
    limits: tuple[int, float | None],
) -> Until | Spending:
    """How a run adds seeds: until all is `decided`, or as many as fit; beside stored results no more than theirs."""
    most, minutes = limits
    if beside is not None:
        most = max(2, min(most, beside[0].suite["seeds"]))
    if not decided:
        assert minutes is not None
        return Spending(minutes, most)
    if beside is None:
        return Until(aim_of(chosen.model_dump(mode="json"), most), minutes)
    plan, _ = beside
    return Until(aim_of(plan.suite, most, plan.own), minutes)
