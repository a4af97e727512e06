"""Time left: a simulated run with the paces of a real one, and the model for workloads not yet seen."""

import heapq
from types import SimpleNamespace

import numpy as np
import pytest

from optbench.estimate import Estimate, estimate_for, priors
from optbench.registry import registry
from optbench.suite import load
from optbench.tuning import planned, work

#: seconds a trial took in a run of `quick` on two cores: time between the first and the last of a workload, times two,
#: over its 91 trials
PACES = {
    "digits-mlp": 0.272, "digits-cnn": 0.812, "mnist-mlp": 1.778, "cancer-logistic": 0.080, "diabetes-mlp": 0.077,
    "moons-mlp": 0.045,
}  # fmt: skip


@pytest.fixture(scope="module")
def quick():
    return load("quick", registry())


@pytest.fixture(scope="module")
def known(quick):
    return priors(quick.workloads, registry())


def assignment(workload, candidate):
    trial = SimpleNamespace(workload={"epochs": workload.epochs})
    return SimpleNamespace(workload=workload.name, candidate=candidate.name, trial=trial)


def simulate(suite, estimate, rng, workers=2, unit=4):
    """(seconds since the start, estimate of what is left) at each unit's end, and when all ended.

    Units are handed out in the suite's order; two wait for each worker, as in a run.
    """
    queue = []
    for workload, candidate in suite.pairs():
        factor = np.exp(rng.normal(0, 0.3))
        trials = suite.tuning.trials + suite.seeds
        for start in range(0, trials, unit):
            count = min(unit, trials - start)
            seconds = PACES[workload.name] * factor * np.exp(rng.normal(0, 0.2, count)).sum()
            queue.append((workload, candidate, count, seconds))
    free, flying, told, now = [0.0] * workers, [], [], 0.0
    waiting = iter(queue)

    def submit():
        item = next(waiting, None)
        if item is not None:
            begin = max(now, heapq.heappop(free))
            heapq.heappush(free, begin + item[3])
            heapq.heappush(flying, (begin + item[3], len(told) + len(flying) * 1e-3, now, item))

    for _ in range(2 * workers):
        submit()
    while flying:
        now, _, submitted, (workload, candidate, count, _) = heapq.heappop(flying)
        trials = [assignment(workload, candidate)] * count
        estimate.settled(trials, submitted, workers, now)
        for trial in trials:
            estimate.finished((trial.workload, trial.candidate), trial.trial.workload)
        told.append((now, estimate.seconds_left(workers)))
        submit()
    return told, now


@pytest.mark.parametrize("order", ["as it is", "backwards", "shuffled"])
def test_after_a_tenth_of_the_work_the_time_left_is_known_within_a_factor_2(quick, known, order):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        workloads = list(quick.workloads)
        if order == "backwards":
            workloads.reverse()
        elif order == "shuffled":
            rng.shuffle(workloads)
        suite = quick.model_copy(update={"workloads": tuple(workloads)})
        told, end = simulate(suite, Estimate(work(suite), known), rng)
        for share, factor in ((0.1, 2), (0.25, 2), (0.5, 2), (0.75, 1.5)):
            when, left = min(told, key=lambda item: abs(item[0] - share * end))
            assert 1 / factor < left / (end - when) < factor, f"{share:.0%}, seed {seed}"
        assert told[-1][1] == 0.0


def test_without_the_model_it_would_not_be(quick):
    told, end = simulate(quick, Estimate(work(quick), {}), np.random.default_rng(0))
    when, left = min(told, key=lambda item: abs(item[0] - 0.1 * end))
    assert left / (end - when) < 0.5


def test_all_workloads_have_a_cost_and_the_largest_network_the_largest(quick, known):
    assert list(known) == [w.name for w in quick.workloads]
    trials = {w.name: known[w.name] * w.epochs for w in quick.workloads}
    assert sorted(trials, key=trials.get)[-2:] == ["digits-cnn", "mnist-mlp"]


def test_work_adds_up(quick):
    total = work(quick)
    assert sum(total.values()) == sum(7 * 13 * w.epochs for w in quick.workloads)
    assert planned(quick) == 7 * 13 * 6
    halving = quick.model_copy(update={"tuning": quick.tuning.model_copy(update={"method": "halving", "trials": 9})})
    ours = work(halving)["digits-mlp", "sgd"]
    assert 5 * 20 < ours <= (9 + 5) * 20


def test_nothing_is_known_at_first_and_kept_trials_cost_nothing():
    estimate = Estimate({("w", "a"): 10.0, ("w", "b"): 10.0}, {})
    assert estimate.seconds_left(1) is None
    estimate.finished(("w", "a"), {"epochs": 10})
    trial = SimpleNamespace(workload="w", candidate="b", trial=SimpleNamespace(workload={"epochs": 5}))
    estimate.settled([trial], 100.0, 1, 102.0)
    estimate.finished(("w", "b"), {"epochs": 5})
    assert estimate.seconds_left(1) == pytest.approx(2.0)
    assert estimate.seconds_left(4) == pytest.approx(0.5)
    estimate.settled([], 0.0, 1, 200.0)
    assert estimate.seconds_left(1) == pytest.approx(2.0)


def test_waiting_in_the_queue_is_not_counted_as_work():
    estimate = Estimate({("w", "a"): 4.0}, {})
    trial = SimpleNamespace(workload="w", candidate="a", trial=SimpleNamespace(workload={"epochs": 1}))
    for number in range(3):  # all handed over at 0 to one worker, which takes a second for each
        estimate.settled([trial], 0.0, 1, number + 1.0)
        estimate.finished(("w", "a"), {"epochs": 1})
    assert estimate.seconds_left(1) == pytest.approx(1.0)


def test_data_that_cannot_be_loaded_are_no_reason_to_fail(quick):
    broken = quick.model_copy(update={"workloads": (quick.workloads[0].model_copy(update={"batch_size": -1}),)})
    assert estimate_for(broken, SimpleNamespace()).priors == {}
