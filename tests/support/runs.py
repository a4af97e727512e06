"""What a run left, and how far it is."""

import optbench
from optbench.contract.errors import OptbenchError


def decided(folder):
    """The table of a run's trials without seconds and what goes with them, which are different every time."""
    trials = optbench.load(folder).trials
    seconds = [name for name in trials.columns if "second" in name or name in ("environment", "finished")]
    keys = ["workload", "candidate", "phase", "number"]
    return trials.drop(columns=seconds).sort_values(keys).reset_index(drop=True)


def stored(folder):
    """How many trials are stored there so far; none where a run has only begun to make its store."""
    try:
        return len(optbench.load(folder).trials)
    except OptbenchError:
        return 0
