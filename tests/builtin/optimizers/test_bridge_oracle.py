"""1,000 steps of our optimizers beside torch's and pytorch_optimizer's, on the digits, in float64, through the bridge.

The bridge and the built-ins share the network, the batches and the trainer, and nothing of the arithmetic. Rounding
errors of 1e-16 grow along a trajectory, so the agreement is the arithmetic's only as long as neither method is close to
chaos: RMSprop at its default rate of 0.01 reaches 2e-10, and is compared at 0.001.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optbench import builtin
from optbench.lab.single import trial
from optbench.registry.registry import Registry
from optbench.training.assembly import assemble

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
PLUGINS = Path(__file__).parents[3] / "plugins"
STEPS = 1000
# (ours, settings, theirs, settings); what is not named are both sides' defaults
CASES = [
    ("sgd", {"lr": 0.05}, "torch/sgd", {"lr": 0.05}),
    # an average is 1 - beta times a sum
    ("momentum", {"lr": 0.05}, "torch/sgd", {"lr": 0.05 * (1 - 0.9), "momentum": 0.9}),
    ("heavy-ball", {}, "torch/sgd", {"lr": 0.01, "momentum": 0.9}),
    ("nesterov", {}, "torch/sgd", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    # torch's decays weights and rate as in Bottou's program; ours averages plain SGD
    ("asgd", {"lr": 0.05}, "torch/asgd", {"lr": 0.05, "lambd": 0.0, "alpha": 0.0}),
    ("adagrad", {}, "torch/adagrad", {}),
    ("adadelta", {}, "torch/adadelta", {}),
    ("rmsprop", {"lr": 0.001}, "torch/rmsprop", {"lr": 0.001}),
    ("adam", {}, "torch/adam", {}),
    ("adamw", {}, "torch/adamw", {}),
    ("amsgrad", {}, "torch/adam", {"amsgrad": True}),
    ("adamax", {}, "torch/adamax", {}),
    ("nadam", {}, "torch/nadam", {}),
    ("radam", {}, "torch/radam", {}),
    ("adafactor", {}, "torch/adafactor", {}),
    ("lion", {}, "pytorch-optimizer/lion", {}),
    ("adabelief", {}, "pytorch-optimizer/adabelief", {}),
    ("adan", {"decay": 0.0}, "pytorch-optimizer/adan", {}),
    ("schedule-free-sgd", {}, "pytorch-optimizer/schedulefreesgd", {}),
]
#: our name of a setting -> theirs, where both have it under different names
SAME = {"beta": "momentum", "decay": "weight_decay", "psi": "momentum_decay", "floor": "eps2", "clip": "d"}
#: (ours, setting): why the defaults differ. All others are the same.
DIFFERENT = {
    ("sgd", "lr"): "0.1 is customary for plain descent; torch's 0.001 suits its momentum",
    ("momentum", "lr"): "an average is 1 - beta times torch's sum, so its rate is 1 / (1 - beta) times as large",
    ("momentum", "beta"): "torch's one class is plain SGD by default",
    ("heavy-ball", "lr"): "a tenth of plain descent's, since a sum of gradients is up to 10 times as long",
    ("heavy-ball", "beta"): "torch's one class is plain SGD by default",
    ("nesterov", "lr"): "a tenth of plain descent's, since a sum of gradients is up to 10 times as long",
    ("nesterov", "beta"): "torch's one class is plain SGD by default",
    ("asgd", "lr"): "that of plain descent, whose iterates are averaged; torch's decays from a smaller one",
    ("adan", "decay"): "0.02 is the paper's; the library decays nothing unless told",
}


@pytest.fixture(scope="module")
def registry():
    pytest.importorskip("torch")
    paths = [str(PLUGINS / "optbench-torch" / "src"), str(PLUGINS / "optbench-lion")]
    sys.path[:0] = paths
    try:
        import optbench_lion
        import optbench_torch
    finally:
        del sys.path[: len(paths)]
    made = Registry()
    for module, name in ((builtin, "optbench"), (optbench_torch, "optbench-torch"), (optbench_lion, "optbench-lion")):
        made.register(module, f"{name}:plugin", name, "1.0")
    assert made.problems == []
    return made


def both(registry, name):
    if name.startswith("pytorch-optimizer/"):
        pytest.importorskip("pytorch_optimizer")
    return registry.entry("optimizers", name).component


def path(registry, optimizer, settings):
    """The parameters of digits-mlp after 10, 100 and 1,000 steps in float64."""
    given = trial(registry, "digits-mlp", "quick", optimizer=optimizer)
    components = {**given.components, "optimizer": {**given.components["optimizer"], **settings}}
    given = replace(given, workload={**given.workload, "dtype": "float64"}, components=components)
    training, rows = assemble([given], registry), []
    for number in range(1, STEPS + 1):
        training.step()
        assert training.rows[0].outcome is None, training.rows[0].traceback
        if number in (10, 100, 1000):
            rows.append(training.rows[0].params.copy())
    return np.array(rows)


IDS = [f"{ours}-{theirs}" for ours, _, theirs, _ in CASES]


@pytest.mark.parametrize(("ours", "settings", "theirs", "their_settings"), CASES, ids=IDS)
def test_the_trajectory_is_theirs(registry, ours, settings, theirs, their_settings):
    both(registry, theirs)
    a, b = path(registry, ours, settings), path(registry, theirs, their_settings)
    assert np.abs(a[2] - a[0]).max() > 1e-3  # they went somewhere
    for mine, reference in zip(a, b, strict=True):
        assert np.abs(mine - reference).max() <= 1e-10 * np.abs(reference).max()


def test_the_comparison_would_see_a_small_difference(registry):
    a, b = path(registry, "adam", {}), path(registry, "torch/adam", {"beta2": 0.999 + 1e-9})
    assert np.abs(a[2] - b[2]).max() > 1e-10 * np.abs(b[2]).max()


@pytest.mark.parametrize(("ours", "settings", "theirs", "their_settings"), CASES, ids=IDS)
def test_defaults_are_the_same_or_the_reason_is_known(registry, ours, settings, theirs, their_settings):
    mine, reference = both(registry, ours)().settings(), both(registry, theirs)().settings()
    if ours == "rmsprop":
        reference = {**reference, "momentum": reference["alpha"]}
    differing = set()
    for name, value in mine.items():
        other = name if name in reference else SAME.get(name)
        if other in reference and reference[other] != value:
            differing.add((ours, name))
    assert differing == {key for key in DIFFERENT if key[0] == ours}
