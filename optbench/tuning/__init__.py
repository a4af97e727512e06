"""Tuning: grid, random, quasi-random search, successive halving and TPE, all on equal budgets.

A method is a function from a number of trials and hyperparameters to points of the unit cube; `scales`
turns them into values, `study` into trials. Files from simple to intricate: scales, random, quasirandom,
grid, halving, tpe, space, selecting, making, study, planning.
"""

from optbench.tuning.making import Source, data_sources, fingerprint, first_trials, guests, providers
from optbench.tuning.planning import planned, require, work
from optbench.tuning.scales import from_unit, to_unit
from optbench.tuning.selecting import log_time, over_seeds, rank, ranked
from optbench.tuning.space import Space, at_edge, space
from optbench.tuning.study import Batch, study

__all__ = [
    "Batch",
    "Source",
    "Space",
    "at_edge",
    "data_sources",
    "fingerprint",
    "first_trials",
    "from_unit",
    "guests",
    "log_time",
    "over_seeds",
    "planned",
    "providers",
    "rank",
    "ranked",
    "require",
    "space",
    "study",
    "to_unit",
    "work",
]
