"""Time left: a simulated run with the paces of a real one, and the model for workloads not yet seen."""

import heapq
from types import SimpleNamespace

import numpy as np
import pytest

from optbench.nn.dense import Dense
from optbench.nn.embedding import Embedding
from optbench.nn.losses import SequenceCrossEntropy, SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.nn.positions import MeanOverPositions
from optbench.registry.registry import registry
from optbench.running import estimate
from optbench.running.estimate import Estimate, Speed, estimate_for, measured_speed, priors
from optbench.suite import load
from optbench.tuning import planned, work

#: seconds of a processor that a trial of `quick` takes, SGD's and Adam's tuning trials together in their stacks
PACES = {
    "digits-mlp": 0.013, "digits-norm": 0.017, "digits-cnn": 0.057, "digits-lstm": 0.057, "digits-autoencoder": 0.018,
    "mnist-mlp": 0.080, "spirals-mlp": 0.017, "teacher-mlp": 0.005, "noisy-mlp": 0.011,
}  # fmt: skip


@pytest.fixture(scope="module")
def quick():
    return load("quick", registry())


@pytest.fixture(scope="module")
def known(quick):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimate, "PATIENCE", np.inf)
        return priors(quick.workloads, registry(), Speed())


def assignment(workload, candidate):
    trial = SimpleNamespace(workload={"epochs": workload.epochs})
    return SimpleNamespace(workload=workload.name, candidate=candidate.name, trial=trial)


def simulate(suite, estimate, rng, workers=2, unit=4, imports=1.0):
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
    # workers begin late: they import what they need
    free, flying, told, now = [imports] * workers, [], [], 0.0
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
    ratios = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        workloads = list(quick.workloads)
        if order == "backwards":
            workloads.reverse()
        elif order == "shuffled":
            rng.shuffle(workloads)
        suite = quick.model_copy(update={"workloads": tuple(workloads)})
        told, end = simulate(suite, Estimate(work(suite), known), rng)
        nearest = [min(told, key=lambda item: abs(item[0] - share * end)) for share in (0.1, 0.25, 0.5)]
        ratios.append([left / (end - when) for when, left in nearest])
        assert told[-1][1] == 0.0
    within = (np.array(ratios) > 0.5) & (np.array(ratios) < 2)
    assert within[:, 0].all(), ratios
    # later a single workload of unknown cost may be most of what is left
    assert within.mean() > 0.95, ratios


def test_without_the_model_it_would_not_be(quick):
    backwards = quick.model_copy(update={"workloads": tuple(reversed(quick.workloads))})
    told, end = simulate(backwards, Estimate(work(backwards), {}), np.random.default_rng(0))
    when, left = min(told, key=lambda item: abs(item[0] - 0.1 * end))
    assert left / (end - when) < 0.5


def test_all_workloads_have_a_cost_and_the_largest_network_the_largest(quick, known):
    assert list(known) == [w.name for w in quick.workloads]
    trials = {w.name: known[w.name] * w.epochs for w in quick.workloads}
    assert sorted(trials, key=trials.get)[-2:] == ["digits-cnn", "mnist-mlp"]


def test_weights_are_used_at_every_position_and_tables_only_read():
    one, all_of_them = ([Embedding(50, 8, places=True), *layers, Dense(3)] for layers in ([MeanOverPositions()], []))
    assert estimate.size(Network(all_of_them, (7,), SequenceCrossEntropy)) == (7 * 9 * 3, 7 * (8 + 3))
    assert estimate.size(Network(one, (7,), SoftmaxCrossEntropy)) == (9 * 3, 7 * 8 + 8 + 3)


def test_work_adds_up(quick):
    total = work(quick)
    trials = 7 * (quick.tuning.trials + quick.seeds)
    assert sum(total.values()) == sum(trials * w.epochs for w in quick.workloads)
    assert planned(quick) == trials * len(quick.workloads)
    halving = quick.model_copy(update={"tuning": quick.tuning.model_copy(update={"method": "halving", "trials": 9})})
    ours = work(halving)["digits-mlp", "sgd"]
    assert quick.seeds * 20 < ours <= (9 + quick.seeds) * 20


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


def test_the_speed_is_of_this_machine():
    speed = measured_speed()
    assert 1e-9 < speed.call < 1e-3
    assert 1e7 < speed.flops < 1e14


def test_the_model_knows_slow_machines(quick):
    """A machine whose products are slow has another ratio of large to small networks."""
    quick_one, slow = (priors(quick.workloads, registry(), Speed(flops=flops)) for flops in (8e10, 8e9))
    assert slow["mnist-mlp"] / quick_one["mnist-mlp"] > 3
    assert slow["teacher-mlp"] / quick_one["teacher-mlp"] < 2.5


def test_what_the_first_trials_waited_for_is_not_counted():
    estimate = Estimate({("w", "a"): 5.0}, {})
    trial = SimpleNamespace(workload="w", candidate="a", trial=SimpleNamespace(workload={"epochs": 1}))
    estimate.settled([trial], 0.0, 1, 10.0)  # imports, data
    estimate.finished(("w", "a"), {"epochs": 1})
    assert estimate.seconds_left(1) == pytest.approx(40.0)  # nothing else is known yet
    estimate.settled([trial], 0.0, 1, 11.0)
    estimate.finished(("w", "a"), {"epochs": 1})
    assert estimate.seconds_left(1) == pytest.approx(3.0)


def test_a_new_workloads_data_are_not_counted_either():
    estimate = Estimate({("w", "a"): 4.0, ("v", "a"): 4.0}, {"w": 1.0, "v": 2.0})

    def trial(workload):
        return SimpleNamespace(workload=workload, candidate="a", trial=SimpleNamespace(workload={"epochs": 1}))

    for end in (5.0, 6.0, 7.0):  # 1 s an epoch, after 4 s of imports
        estimate.settled([trial("w")], 0.0, 1, end)
        estimate.finished(("w", "a"), {"epochs": 1})
    assert estimate.seconds_left(1) == pytest.approx(1 + 4 * 2)
    estimate.settled([trial("v")], 7.0, 1, 27.0)  # 2 s an epoch, after 18 s of loading
    estimate.finished(("v", "a"), {"epochs": 1})
    assert estimate.seconds_left(1) == pytest.approx(1 + 3 * 2)
