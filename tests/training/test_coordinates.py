"""What networks of coordinates and deep narrow ones are here to show, with settings fixed beforehand."""

import numpy as np
import pytest

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.testing import runs_of
from optbench.training.assembly import assemble
from optbench.trials.trial import Trial


def training(dataset, network, optimizer, initializer="glorot-uniform", seed=1, regularizers=(), **workload):
    workload = {
        "dataset": dataset,
        "network": network,
        "split": {"validation": 0.2, "test": 0.2, "seed": 0},
        "batch_size": 128,
        "dtype": "float32",
        **workload,
    }
    components = {
        "optimizer": optimizer,
        "schedule": {"name": "constant"},
        "initializer": {"name": initializer},
        "normalizers": [],
        "regularizers": list(regularizers),
    }
    return assemble([Trial(workload, components, seed, providers={})], registry())


def ended(*args, **settings):
    (run,) = runs_of(training(*args, **settings))
    return run.measurements[-1]


@pytest.mark.slow
def test_waves_and_sines_see_the_details_of_a_photograph():
    def loss(network, *rates):
        runs = (ended({"name": "photograph"}, network, {"name": "adam", "lr": lr}, epochs=40) for lr in rates)
        return min(run.train_loss for run in runs)

    plain = loss({"name": "mlp", "hidden": [64, 64, 64]}, 0.001, 0.003, 0.01)
    assert loss({"name": "fourier-mlp"}, 0.01) < plain / 2
    assert loss({"name": "siren"}, 0.0003) < plain / 2


def test_curvature_pays_on_poissons_equation():
    def loss(name, *rates):
        settings = {"epochs": 400, "batch_size": "full", "dtype": "float64"}
        network = {"name": "physics-informed", "hidden": [32, 32]}
        runs = (
            ended({"name": "forcing", "samples": 300}, network, {"name": name, "lr": lr}, **settings) for lr in rates
        )
        return min(run.validation_loss for run in runs)

    adam = loss("adam", 0.003, 0.01)
    assert adam < loss("sgd", 0.001, 0.01)
    assert loss("soap", 0.003, 0.01) < 0.1 * adam


def test_what_is_learnt_is_the_solution():
    """u of the trained network against sin(pi x) / pi^2, in the unit that the right side was scaled by."""
    setting = training(
        {"name": "forcing", "samples": 200, "frequencies": [1]},
        {"name": "physics-informed", "hidden": [16]},
        {"name": "lbfgs"},
        epochs=300,
        batch_size="full",
        dtype="float64",
    )
    for _ in range(300):
        setting.step()
    problem = setting.problem
    views = problem.network.layout.views(problem.params[0])
    x = np.linspace(-1, 1, 101)[:, None]
    hidden = np.tanh(x @ views["0.equation.body.0.jetdense.weight"] + views["0.equation.body.0.jetdense.bias"])
    values = hidden @ views["0.equation.body.2.jetdense.weight"] + views["0.equation.body.2.jetdense.bias"]
    u = ((1 - x**2) * values)[:, 0]
    mean, std = problem.data.target_mean[0], problem.data.target_std[0]
    # -u'' = (sin(pi x) - mean) / std
    solution = (np.sin(np.pi * x[:, 0]) / np.pi**2 - mean * (1 - x[:, 0] ** 2) / 2) / std
    assert np.abs(u - solution).max() < 0.01 * np.abs(solution).max()


@pytest.mark.slow
def test_a_deep_narrow_mlp_is_decided_by_its_initialization():
    """Twenty layers of 16 without a normalizer: where the weights are of another size nothing is learnt."""

    def loss(activation, initializer, lr):
        network = {"name": "mlp", "hidden": [16] * 20, "activation": activation}
        runs = [
            ended({"name": "digits"}, network, {"name": "sgd", "lr": lr}, initializer, seed, epochs=20)
            for seed in range(1, 8)
        ]
        return np.median([run.train_loss for run in runs])

    nothing = pytest.approx(np.log(10), abs=0.02)
    assert loss("tanh", "orthogonal", 0.1) < 0.6 * loss("tanh", "glorot-uniform", 0.1)
    assert loss("tanh", "small-normal", 0.1) == nothing
    assert loss("relu", "he", 0.03) < 2
    assert loss("relu", "glorot-uniform", 0.03) == nothing


def test_dropout_on_an_equation_is_one_message():
    dropout = [{"name": "dropout"}]
    with pytest.raises(OptbenchError, match="network physics-informed takes no hidden normalizers and no dropout"):
        training({"name": "forcing"}, {"name": "physics-informed"}, {"name": "adam"}, regularizers=dropout, epochs=1)
