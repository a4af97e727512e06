"""What a referee would object to: warnings about how a comparison was made, from its suite and its trials alone.

    special-case   a candidate is beaten by what it contains
    unequal        candidates did not get the same: tuning, dimensions to cover with it, gradients a step, runs
    seeds          too few seeds: no outcome could have decided, or the question that was asked is left open
    target         a target's metric moves in steps, or is met too soon for its time to be told
    edge           a selected setting lies at an end of its searched range: a wider one may do better

A caution is no verdict: it says what to mend before one is believed. A file a kind; all are functions of tables.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optbench.statistics.cautions.common import Caution
from optbench.statistics.cautions.edges import edges
from optbench.statistics.cautions.seeds import few_pairs, undecided
from optbench.statistics.cautions.special_cases import Cases, declared_cases, special_cases
from optbench.statistics.cautions.targets import targets
from optbench.statistics.cautions.unequal import everywhere, unequal
from optbench.statistics.level import FIXED, Level

if TYPE_CHECKING:
    import pandas as pd

    from optbench.statistics.verdict import Standing

__all__ = ["COLUMNS", "KINDS", "Caution", "cautions", "declared_cases"]

KINDS = ("special-case", "unequal", "seeds", "target", "edge")
COLUMNS = ("kind", "workload", "candidate", "message")


def cautions(
    suite: Mapping[str, Any],
    trials: "pd.DataFrame",
    standing: "Standing | None" = None,
    cases: Cases | None = None,
    level: Level = FIXED,
) -> "pd.DataFrame":
    """One row a caution, by kind in the order above: kind, workload, candidate, message.

    suite    the suite as run: a dict, as a store keeps it
    trials   the trials' table (see `optbench.statistics.tables`)
    standing who is told apart from whom (`optbench.statistics.verdict`)
    cases    special cases of optimizers by name
    level    at which words are spoken (`optbench.statistics.level`)
    `workload` is empty where a caution is about all of a candidate's workloads, `candidate` where it is about the
    comparison as a whole. A message does not repeat them.
    """
    import pandas as pd

    found: list[Caution] = []
    if len(trials):
        found += special_cases(suite, trials, cases or {}, level)
        found += everywhere(unequal(suite, trials), trials)
        found += [*few_pairs(trials), *undecided(standing, level)]
        found += targets(suite, trials)
        found += edges(suite, trials)
    return pd.DataFrame([vars(caution) for caution in found], columns=list(COLUMNS))
