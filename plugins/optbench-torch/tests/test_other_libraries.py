"""Optimizers of optax on torch modules: JAX computes the step, torch the gradient."""

import numpy as np
import pytest

pytest.importorskip("torch")
optbench_optax = pytest.importorskip("optbench_optax")

import optbench_torch  # noqa: E402

from optbench.testing import registry_of, runs_of, training_of, trial_of  # noqa: E402

SUITE = """
title = "Two libraries"
seeds = 2
[tuning]
trials = 2
[[workloads]]
name = "network"
dataset = { name = "two-moons" }
network = { kind = "torch:models:Normed", dropout = 0.2 }
batch_size = 16
steps = 40
dtype = "float64"
[[workloads]]
name = "problem"
problem = { name = "torch:recipes:gpt" }
steps = 40
evaluate_every = 20
dtype = "float32"
[[candidates]]
name = "sgd"
optimizer = "sgd"
"""
REGISTRY = registry_of(optbench_torch, optbench_optax)


@pytest.fixture
def training(tmp_path):
    def make(workload, optimizer, **settings):
        path = tmp_path / "suite.toml"
        path.write_text(SUITE)
        trial = trial_of(workload, str(path), optimizer=optimizer, settings=settings, plugins=REGISTRY)
        return training_of([trial], REGISTRY)

    return make


@pytest.mark.parametrize("optimizer", ["optax/adamw", "optax/muon", "optax/sam", "optax/lbfgs", "optax/polyak_sgd"])
@pytest.mark.parametrize("workload", ["network", "problem"])
def test_optimizers_of_optax_train_a_torch_module(training, workload, optimizer):
    run = runs_of(training(workload, optimizer))[0]
    assert run.outcome == "done", run.traceback
    assert np.isfinite(run.measurements[-1].train_loss)


def test_on_a_torch_module_optax_and_torch_take_the_same_steps(training):
    one, other = training("network", "optax/adam", lr=0.01), training("network", "torch/adam", lr=0.01)
    first = one.rows[0].params.copy()
    for _ in range(30):
        one.step()
        other.step()
    assert np.abs(one.rows[0].params - first).max() > 0.1
    # A bias before batch norm has a gradient of 0 but for rounding, which Adam makes large.
    np.testing.assert_allclose(one.rows[0].params, other.rows[0].params, rtol=1e-8, atol=1e-8)
