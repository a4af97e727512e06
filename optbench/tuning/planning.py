"""What a run of a suite will ask for, known before it begins: methods, trials, work."""

from optbench.suite import Candidate, Suite, Workload
from optbench.tuning import halving, tpe
from optbench.tuning.space import space


def require(suite: Suite) -> None:
    """Raise `OptbenchError` where a method of tuning that the suite asks for is not installed."""
    for _, candidate in suite.pairs():
        if (candidate.tuning.method or suite.tuning.method) == "tpe":
            tpe.require()


def planned(suite: Suite) -> int:
    """How many trials a run of the suite has at most: some may turn out to be shared."""
    total = 0
    for workload, candidate in suite.pairs():
        tuned = sum(rung.count for rung in _rungs(suite, workload, candidate))
        final = suite.seeds * (1 + len(suite.variants(workload)))
        total += suite.studies(workload) * (tuned + final)
    return total


def work(suite: Suite) -> dict[tuple[str, str], float]:
    """The budgets of these trials, in the workload's own steps or epochs, summed by (workload, candidate)."""
    total = {}
    for workload, candidate in suite.pairs():
        tuned = sum(rung.count * rung.budget for rung in _rungs(suite, workload, candidate))
        final = suite.seeds * (workload.steps or workload.epochs or 0)
        total[workload.name, candidate.name] = float(suite.studies(workload) * (tuned + final))
        for variant in suite.variants(workload):
            final = suite.seeds * (variant.steps or variant.epochs or 0)
            total[variant.name, candidate.name] = float(suite.studies(workload) * final)
    return total


def _rungs(suite: Suite, workload: Workload, candidate: Candidate) -> list[halving.Rung]:
    """The tuning of one study: a single rung, unless by successive halving; then one of confirmations."""
    tuning = suite.tuning
    method = candidate.tuning.method or tuning.method
    if method == "none" or not space(candidate, workload, tuning):
        return []
    budget = workload.steps or workload.epochs or 0
    found = [halving.Rung(tuning.search, budget)]
    if method == "halving":
        found = halving.rungs(tuning.search, budget)
    few = min(tuning.finalists, found[-1].count)
    return [*found, halving.Rung(few * tuning.confirm if few > 1 else 0, budget)]
