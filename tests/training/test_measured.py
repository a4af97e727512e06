"""Which examples training loss and metric are measured on, and which trials read the test split."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.lab.single import trial
from optbench.registry.registry import registry
from optbench.training.assembly import assemble
from optbench.training.network_problem import measured
from optbench.training.trainer import collect
from optbench.trials.seeds import final_seeds, tuning_seed


@given(st.lists(st.integers(1, 900), min_size=2, max_size=6), st.integers(0, 99), st.integers(1, 2000))
@settings(max_examples=30, deadline=None)
def test_a_stratified_sample_without_repetition(counts, seed, most):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    sample = measured(np.eye(len(counts))[labels], "classification", most)
    assert len(sample) == len(set(sample)) == min(len(labels), most)
    share = len(sample) / len(labels)
    for c, count in enumerate(counts):
        # half an example of its own, and its share of half of one of each class: where a stretch ends is theirs, too
        most = 0.5 + count / len(labels) * len(counts) / 2
        assert abs(np.sum(labels[sample] == c) - share * count) <= most + 1e-9


def test_it_is_no_first_stretch_and_always_the_same():
    labels = np.repeat([0, 1], 2000)[:, None].astype("float32")
    sample = measured(labels, "binary")
    assert np.array_equal(sample, measured(labels, "binary"))
    assert labels[sample].mean() == 0.5
    values = np.arange(4000.0)[:, None]
    drawn = measured(values, "regression")
    assert abs(drawn.mean() - 2000) < 4 * 1155 / 32  # four standard errors of 1024 of 4000 equally spaced ones
    assert np.array_equal(measured(values[:1024], "regression"), np.arange(1024))


def digits(seed, **workload):
    made = trial(registry(), "digits-mlp", optimizer="sgd", settings={"epochs": 1})
    return replace(made, seed=seed, workload={**made.workload, **workload})


def test_the_training_loss_is_that_of_the_sample():
    one = digits(1)
    training = assemble([one], registry())
    (run,) = collect(training)
    problem, data = training.problem, training.problem.data
    examples = one.workload["evaluate_examples"]
    assert len(data.x_train) > examples
    sample = measured(data.y_train, data.task, examples)
    # By hand: the forward pass of dense layers with relu between, the mean of -log softmax.
    views = problem.layout.views(problem.params[0].astype(float))
    a = data.x_train[sample].reshape(len(sample), -1).astype(float)
    names = list(views)
    for k in range(0, len(names), 2):
        a = a @ views[names[k]] + views[names[k + 1]]
        a = np.maximum(a, 0) if k + 2 < len(names) else a
    logs = a - a.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    loss = -(logs * data.y_train[sample]).sum(axis=1).mean()
    assert run.measurements[-1].train_loss == pytest.approx(loss, rel=1e-5)
    assert run.measurements[-1].train_metric == (a.argmax(axis=1) == data.y_train[sample].argmax(axis=1)).mean()


def test_of_sequences_so_many_targets_and_some_examples_anyway():
    targets = np.zeros((3000, 16))
    assert [len(measured(targets, "sequence", most)) for most in (1024, 512, 100)] == [256, 128, 64]
    assert len(measured(targets, "classification", 512)) == 512


def test_the_training_loss_is_that_of_as_many_examples_as_the_workload_says():
    few, whole = (digits(1, evaluate_examples=n) for n in (100, 10**6))
    (a,), (b,) = (collect(assemble([one], registry())) for one in (few, whole))
    data = assemble([few], registry()).problem.data
    # a share of right answers among so many
    for run, count in ((a, 100), (b, len(data.x_train))):
        right = run.measurements[-1].train_metric * count
        assert right == pytest.approx(round(right), abs=1e-9)
    assert a.measurements[-1].train_loss != b.measurements[-1].train_loss
    assert [m.validation_loss for m in a.measurements] == [m.validation_loss for m in b.measurements]


def test_the_validation_split_is_read_at_some_evaluations_the_first_and_the_last():
    every, seldom = (digits(1, evaluate_every=3, validate_every=n) for n in (1, 2))
    (a,), (b,) = (collect(assemble([one], registry())) for one in (every, seldom))
    steps = [m.step for m in a.measurements]
    read = [s % 6 == 0 or s == steps[-1] for s in steps]
    assert steps[-1] % 6
    assert not all(read)
    assert [math.isfinite(m.validation_loss) for m in b.measurements] == read
    for m, other, is_read in zip(a.measurements, b.measurements, read, strict=True):
        assert (m.train_loss, m.train_metric) == (other.train_loss, other.train_metric)
        if is_read:
            assert (m.validation_loss, m.validation_metric) == (other.validation_loss, other.validation_metric)
    assert (a.test_loss, a.test_metric) == (b.test_loss, b.test_metric)


def test_who_may_stop_early_sees_the_validation_split_each_time():
    made = trial(registry(), "digits-mlp", optimizer="sgd", regularizers=["early-stopping"], settings={"epochs": 1})
    seldom = replace(made, workload={**made.workload, "evaluate_every": 2, "validate_every": 4})
    (run,) = collect(assemble([seldom], registry()))
    assert all(math.isfinite(m.validation_loss) for m in run.measurements)


def test_trials_of_tuning_never_read_the_test_split(monkeypatch):
    asked = []
    tuning, final = assemble([digits(tuning_seed(0))], registry()), assemble([digits(final_seeds(1)[0])], registry())
    for name, training in (("tuning", tuning), ("final", final)):
        examples = training.problem.data.examples

        def spy(split, name=name, examples=examples):
            asked.append((name, split))
            return examples(split)

        monkeypatch.setattr(type(training.problem.data), "examples", lambda self, split, spy=spy: spy(split))
        (run,) = collect(training)
        assert run.outcome == "done"
        assert np.isnan(run.test_metric) == np.isnan(run.test_loss) == (name == "tuning")
        monkeypatch.undo()
    assert ("tuning", "test") not in asked
    assert ("tuning", "validation") in asked
    assert ("final", "test") in asked


def test_a_training_by_hand_reads_it_whatever_its_seed():
    (run,) = collect(assemble([digits(tuning_seed(0))], registry(), alone=True))
    assert not np.isnan(run.test_metric)
