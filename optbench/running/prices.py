"""What a step of each candidate costs beside one of Adam on the same workload, timed in seconds before a run.

A workload's price (`optbench.running.estimate`) is that of an optimizer that costs as Adam does. One that evaluates
the gradient twice, or takes roots of matrices, costs a multiple of it, which depends on the network: so a few steps of
each are timed, in turns with Adam's, for as long as a user's patience lasts. What is not reached has the geometric mean
of its candidate's other workloads.
"""

import math
import time
from collections.abc import Collection, Iterator, Mapping

import numpy as np
from threadpoolctl import threadpool_limits

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import Registry
from optbench.running.calibration import PERIOD, steps_for, warm, whole_periods
from optbench.suite import Candidate, Suite
from optbench.trials.trial import Trial
from optbench.tuning import first_trials

Place = tuple[str, str]

YARDSTICK = "adam"
CLOCK = time.process_time
#: seconds for all of it, and for a candidate's turn in a round
PATIENCE, ROUND = 5.0, 0.002
ROUNDS = 3
#: so many candidates are timed beside Adam at once
AT_ONCE = 4


def ratios(suite: Suite, registry: Registry, known: Mapping[Place, float]) -> dict[Place, float]:
    """Seconds of a step of each (workload, candidate) over those of Adam's.

    known   what stored results tell; it is not timed again
    Of a candidate without a single time (its steps fail, or patience ended before) nothing is said.
    """
    found = dict(known)
    deadline = time.monotonic() + PATIENCE
    try:
        trials, sticks = _trials(suite, registry)
    except OptbenchError:  # the run says what is wrong
        return found
    for workload, names in _turns(trials, found):
        if time.monotonic() > deadline:
            break
        group = {"": sticks[workload], **{name: trials[workload, name] for name in names}}
        seconds = _seconds(group, registry)
        if seconds.get(""):
            found |= {(workload, name): cost / seconds[""] for name, cost in seconds.items() if name}
    means = mean_ratios(found)
    return {place: means[place[1]] for place in trials if place[1] in means} | found


def _seconds(trials: Mapping[str, Trial], registry: Registry) -> dict[str, float]:
    """Seconds of a step of each trial, as short as it came: the processor's, for others may use the machine."""
    with threadpool_limits(1), np.errstate(all="ignore"):
        trainings = warm(trials, registry)
        one = {name: steps_for(t, PERIOD, CLOCK) for name, t in trainings.items()}
        counts = {name: whole_periods(ROUND / max(seconds, 1e-6)) for name, seconds in one.items()}
        rounds = [{n: steps_for(t, counts[n], CLOCK) for n, t in trainings.items()} for _ in range(ROUNDS)]
    return {name: min(of[name] for of in rounds) for name in trainings}


def mean_ratios(found: Mapping[Place, float]) -> dict[str, float]:
    """The geometric mean over workloads of each candidate's."""
    logs: dict[str, list[float]] = {}
    for (_, candidate), ratio in found.items():
        logs.setdefault(candidate, []).append(math.log(ratio))
    return {candidate: math.exp(math.fsum(of) / len(of)) for candidate, of in logs.items()}


def _trials(suite: Suite, registry: Registry) -> tuple[dict[Place, Trial], dict[str, Trial]]:
    """A trial of each (workload, candidate), all on their defaults, and one of Adam on each workload."""
    stick = Candidate.model_validate({"name": YARDSTICK, "optimizer": YARDSTICK}, context={"registry": registry})

    def of(*candidates: Candidate) -> dict[Place, Trial]:
        asked = suite.model_copy(update={"candidates": candidates}).tuning_free()
        return {(workload, candidate): trial for workload, candidate, trial in first_trials(asked, registry)}

    return of(*suite.candidates), {workload: trial for (workload, _), trial in of(stick).items()}


def _turns(trials: Collection[Place], known: Collection[Place]) -> Iterator[tuple[str, list[str]]]:
    """Groups of candidates on a workload each, such that every candidate comes early on some workload."""
    workloads = list(dict.fromkeys(workload for workload, _ in trials))
    names = list(dict.fromkeys(candidate for _, candidate in trials))
    groups = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
    for turn in range(len(workloads)):
        for number, group in enumerate(groups):
            workload = workloads[(turn + number) % len(workloads)]
            missing = [c for c in group if (workload, c) in trials and (workload, c) not in known]
            if missing:
                yield workload, missing
