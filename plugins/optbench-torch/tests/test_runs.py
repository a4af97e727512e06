"""Whole trainings: in stacks, saved, and from the command line in processes of their own."""

import os
import shutil
import subprocess
import sys
from ast import literal_eval
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import optbench_torch  # noqa: E402

import optbench  # noqa: E402
from optbench.testing import registry_of, training_of, trial_of  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # the foreign libraries' own

SUITE = """
title = "Tiny"
seeds = 2
[tuning]
trials = 2
[[workloads]]
name = "moons"
dataset = { name = "two-moons", samples = 120 }
network = { kind = "mlp", hidden = [8] }
epochs = 4
target = { metric = "validation_accuracy", value = 0.8 }
[[candidates]]
name = "adam"
[candidates.optimizer]
name = "adam"
search = ["lr"]
[[candidates]]
name = "torch/adam"
[candidates.optimizer]
name = "torch/adam"
search = { lr = { low = 1e-4, high = 1.0 }, beta1 = { low = 0.5, high = 0.99, scale = "log1m" } }
[[candidates]]
name = "cosine"
schedule = "torch/cosine-annealing-lr"
[candidates.optimizer]
name = "torch/lbfgs"
search = ["lr"]
"""
OWN = '''
import torch

class Signs(torch.optim.Optimizer):
    """My sign descent."""
    def __init__(self, params, lr=1e-2):
        super().__init__(params, {"lr": lr})
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] * p.grad.sign())
'''


@pytest.fixture(scope="module")
def registry():
    return registry_of(optbench_torch)


def names():
    try:
        import pytorch_optimizer  # noqa: F401
    except ImportError:
        return ["torch/adam", "torch/lbfgs", "torch/adafactor", "torch/muon"]
    more = ["spam", "adamp", "schedulefreeadamw"]  # chance, copies, two points
    return ["torch/adam", "torch/lbfgs", "torch/adafactor", *(f"pytorch-optimizer/{name}" for name in more)]


def test_a_stack_has_the_bits_of_each_trial_alone_and_loses_a_row_without_a_trace(registry):
    # LBFGS without a line search diverges on mini-batches.
    settings = {"torch/lbfgs": {"line_search_fn": "strong_wolfe"}}
    trials = [
        trial_of("digits-mlp", "quick", optimizer=name, settings=settings.get(name), seed=3, plugins=registry)
        for name in names()
    ]
    stack = training_of(trials, registry)
    for _ in range(4):
        stack.step()
    stack.rows[0].outcome = "diverged"
    stack.compact()
    for _ in range(4):
        stack.step()
    for given, row in zip(trials[1:], stack.rows[1:], strict=True):
        assert row.outcome is None, row.traceback
        alone = training_of([given], registry)
        for _ in range(8):
            alone.step()
        assert alone.rows[0].params.tobytes() == row.params.tobytes(), given.components["optimizer"]["name"]
        assert np.isfinite(row.params).all()


def test_a_schedule_of_torch_and_one_of_ours_meet(registry):
    given = trial_of(
        "digits-mlp", "quick", optimizer="torch/sgd", schedule="torch/cosine-annealing-lr", plugins=registry
    )
    ours = replace(given, components={**given.components, "optimizer": {"name": "sgd", "lr": 0.001}})
    a, b = training_of([given], registry), training_of([ours], registry)
    for _ in range(60):
        a.step()
        b.step()
    np.testing.assert_allclose(a.rows[0].params, b.rows[0].params, rtol=1e-5, atol=1e-7)
    assert 0 < a.rows[0].factor < 1


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a suite, a class of a user's own, and the plugin as if it were installed."""
    folder = tmp_path_factory.mktemp("torch")
    (folder / "tiny.toml").write_text(SUITE)
    (folder / "own_signs.py").write_text(OWN)
    info = folder / "installed" / "optbench_torch-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: optbench-torch\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[optbench]\ntorch = optbench_torch\n")
    return folder


def optbench_cli(place, *arguments):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(place / "installed"), *filter(None, sys.path)])}
    command = [sys.executable, "-m", "optbench.cli", *map(str, arguments)]
    return subprocess.run(command, env=environment, cwd=place, capture_output=True, text=True, timeout=300)


def test_a_run_with_a_users_own_class_beside_the_suites(place):
    candidates = ("adam", "torch/adam", "cosine", "torch:own_signs:Signs")
    asked = [word for name in candidates for word in ("--candidate", name)]
    done = optbench_cli(place, "run", "tiny.toml", "--engine", "local:1", "--out", "run", *asked)
    assert done.returncode == 0, done.stderr
    results = optbench.load(place / "run")
    assert set(results.trials["candidate"]) == set(candidates)
    assert set(results.trials["outcome"]) <= {"done", "diverged"}
    assert "via torch: " in done.stdout
    measured = results.bridges["moons"]
    assert set(measured) == set(candidates) - {"adam"}
    assert all(v["library"].startswith("torch ") and 0 < v["seconds"] < 0.1 for v in measured.values())
    page = (place / "run" / "report.html").read_text(encoding="utf-8")
    assert page.count(">via torch</small>") == 3
    assert "measured around an optimizer that does nothing" in page


def test_training_with_a_users_own_class_and_going_on(place):
    done = optbench_cli(
        place, "train", "--suite", "tiny.toml", "--workload", "moons", "--optimizer", "torch:own_signs:Signs",
        "--set", "lr=0.02",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    folder = place / "results" / "train" / "moons-torch-own_signs-Signs"
    assert (folder / "checkpoint.npz").exists()
    more = optbench_cli(place, "train", "--resume", folder, "--set", "epochs=6")
    assert more.returncode == 0, more.stderr


MODULES = """
title = "Modules"
seeds = 2
[tuning]
trials = 2
[[workloads]]
name = "moons"
dataset = { name = "two-moons", samples = 120 }
network = { kind = "torch:models:Normed", hidden = [6] }
epochs = 3
target = { metric = "validation_accuracy", value = 0.8 }
[[candidates]]
name = "adam"
optimizer = "adam"
[[candidates]]
name = "torch/adam"
optimizer = "torch/adam"
"""


def test_a_module_of_a_users_own_in_processes_as_here(place):
    (place / "modules.toml").write_text(MODULES)
    shutil.copy(Path(__file__).with_name("models.py"), place)
    curves = {}
    for engine in ("serial", "local:2"):
        out = engine.replace(":", "-")
        done = optbench_cli(place, "run", "modules.toml", "--engine", engine, "--out", out, "--no-report")
        assert done.returncode == 0, done.stderr
        results = optbench.load(place / out)
        assert set(results.trials["outcome"]) == {"done"}
        curves[engine] = results.trials.set_index(["candidate", "phase", "seed"])["final_train_loss"].sort_index()
    assert curves["serial"].equals(curves["local:2"])
    assert len(curves["serial"]) > 4


PROBLEMS = """
title = "Problems"
seeds = 2
[tuning]
trials = 2
[[workloads]]
name = "points"
problem = { name = "torch:recipes:classes", hidden = 6 }
dtype = "float32"
steps = 30
evaluate_every = 10
target = { metric = "train_loss", ladder = [0.69, 0.6] }
[[candidates]]
name = "adam"
optimizer = "adam"
[[candidates]]
name = "torch/adam"
optimizer = "torch/adam"
"""
IN_HAND = """
import sys

import optbench
import optbench_torch
import torch
from torch import nn

class Mine(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.1), nn.Linear(8, 2))

    def forward(self, x):
        return self.body(x)

x = torch.randn(80, 4, generator=torch.Generator().manual_seed(1))
data = torch.utils.data.TensorDataset(x, (x[:, 0] > 0).long())
held_out = [(x[:20], (x[:20, 0] > 0).long())]
loaders = {"train": torch.utils.data.DataLoader(data, 20, shuffle=True), "validation": held_out}
mine = optbench_torch.workload(Mine, nn.CrossEntropyLoss(), loaders, metric="accuracy")

if __name__ == "__main__":
    for engine in sys.argv[1:]:
        out = f"hand-{engine[:5]}"
        results = optbench.run("problems.toml", engine, out, data=mine, candidates=["adam"], trials=1, report=False)
        assert set(results.trials["outcome"]) == {"done"}, results.trials["message"]
        table = results.trials.sort_values("key")
        assert table["final_validation_metric"].notna().all()
        print("told", [(key[:12], loss) for key, loss in zip(table["key"], table["final_train_loss"])])
"""


def test_a_problem_of_torch_in_processes_as_here(place):
    for name in ("models.py", "recipes.py"):
        shutil.copy(Path(__file__).with_name(name), place)
    (place / "problems.toml").write_text(PROBLEMS)
    curves = {}
    for engine in ("serial", "local:2"):
        out = "problem-" + engine.replace(":", "-")
        done = optbench_cli(place, "run", "problems.toml", "--engine", engine, "--out", out, "--no-report")
        assert done.returncode == 0, done.stderr
        results = optbench.load(place / out)
        assert set(results.trials["outcome"]) == {"done"}
        curves[engine] = results.trials.set_index(["candidate", "phase", "seed"])["final_train_loss"].sort_index()
    assert curves["serial"].equals(curves["local:2"])
    wrong = PROBLEMS.replace('classes", hidden = 6', 'nothing"')
    (place / "problems.toml").write_text(wrong)
    done = optbench_cli(place, "run", "problems.toml", "--out", "wrong")
    assert done.returncode == 2
    assert "gave a int; let it return optbench_torch.workload" in done.stderr
    assert not (place / "wrong").exists()


def test_a_model_in_hand(place):
    """In a script, by value: also to processes; its key is its own and its code's."""
    (place / "problems.toml").write_text(PROBLEMS)
    for name in ("models.py", "recipes.py"):
        shutil.copy(Path(__file__).with_name(name), place)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(place / "installed"), *filter(None, sys.path)])}

    def told(script, *engines):
        (place / "in_hand.py").write_text(script)
        command = [sys.executable, "in_hand.py", *engines]
        done = subprocess.run(command, env=environment, cwd=place, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return [literal_eval(line.partition(" ")[2]) for line in done.stdout.splitlines() if line.startswith("told")]

    local, serial = told(IN_HAND, "local:2", "serial")
    (again,) = told("# a comment\n" + IN_HAND, "serial")
    assert local == serial == again
    (other,) = told(IN_HAND.replace("nn.Tanh()", "nn.ReLU()"), "serial")
    assert not {key for key, _ in other} & {key for key, _ in serial}


def test_a_module_that_cannot_be_trained_is_told_before_anything_is(place):
    shutil.copy(Path(__file__).with_name("models.py"), place)
    (place / "nothing.toml").write_text(MODULES.replace('Normed", hidden = [6]', 'Nothing"'))
    done = optbench_cli(place, "run", "nothing.toml", "--out", "nothing")
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.strip()]
    assert "workload moons: network torch:models:Nothing has no parameters to train" in line


def test_what_cannot_be_used_says_why(place):
    done = optbench_cli(place, "run", "tiny.toml", "--candidate", "pytorch-optimizer/lomo")
    assert done.returncode == 2
    assert "'pytorch-optimizer/lomo' of optbench-torch:torch cannot be used: " in done.stderr
    shown = optbench_cli(place, "plugins")
    words = " ".join(shown.stdout.split())
    assert "torch:MODULE:NAME" in words
    assert "torch/reduce-lr-on-plateau: it depends on the loss" in words
