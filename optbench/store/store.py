"""The store: one SQLite file that holds what was run and what came of it.

    texts        settings of workloads, providers and environments as canonical JSON, each once
    trials       by key: everything that decides a result
    assignments  what each trial is for: workload, candidate, phase, study, number
    runs, arrays what came of a trial, by key (see `optbench.store.packing`), where it ran and when it finished
    costs        calibrated seconds of a step, by workload, candidate and where they were measured
    selected     which tuned trial was chosen
    meta         the suite as run, the environment of the last run, problems: JSON by name

The process that started a run is the one writer. `synchronous=FULL` and one transaction an addition: what
`add` has returned from survives a killed process and a power cut. In WAL mode readers work meanwhile. A
closed store is one ordinary file. Nothing is ever unpickled: opening a stranger's store executes nothing.
"""

from optbench.store.costs import Costs
from optbench.store.plan import Plan

#: the store's name within the folder of a run
STORE = "store.sqlite"


class Store(Plan, Costs):
    """Everything that a store keeps; see `optbench.store.database.Database` on opening it."""
