"""What arrives in a real MLflow database, from trials made by hand and from a run of a suite."""

import json
import os
import subprocess
import sys

import numpy as np
import optbench_mlflow
import pytest

from optbench import Assignment, Measurement, Run, Trial
from optbench.testing import offered

SUITE = """
title = "Tiny"
seeds = 1
[tuning]
method = "random"
trials = 2
[[workloads]]
name = "bowl"
function = "quadratic"
steps = 20
[[candidates]]
name = "plain"
optimizer = { name = "sgd", search = ["lr"] }
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """One for all tests: it takes seconds to make."""
    folder = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'runs.db'}")
        patch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)
        patch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
        optbench_mlflow.store.cache_clear()
        yield folder
    optbench_mlflow.store.cache_clear()


def measurement(step, loss, metric=0.5):
    return Measurement(step, step / 10, step, step / 100, 0.1, loss, metric, loss + 1, metric, float("nan"))


def trial(seed=1):
    return Trial(
        {"name": "moons", "dataset": {"name": "two-moons", "samples": 200}, "batch_size": 32, "function": None},
        {
            "optimizer": {"name": "sam", "rho": 0.05, "inner": {"name": "sgd", "lr": 0.1}},
            "normalizers": [{"name": "standardize"}, {"name": "batch-norm", "momentum": 0.9}],
            "regularizers": [],
        },
        seed,
        {"optimizer:sam": "optbench 0.1.0"},
    )


def logged(trial, run, assignments=()):
    """The MLflow run of a trial, as somebody reads it who knows its key."""
    optbench_mlflow.optbench_trial_finished(trial, run, assignments)
    client, experiment = optbench_mlflow.store()
    (found,) = client.search_runs([experiment], f"tags.key = '{trial.key}'")
    return client, found


def test_a_trial_has_its_params_tags_and_metrics(database):
    t = trial()
    done = Run(
        "done", (measurement(0, 3.0), measurement(10, 1.0), measurement(20, 2.0)), 1,
        test_loss=1.5, test_metric=0.75, metrics={"weight_norm": 4.0, "odd(name)": 1.0, "nothing": float("nan")},
    )  # fmt: skip
    purposes = [Assignment("moons", name, "final", 0, 2, t) for name in ("mine", "same")]
    client, found = logged(t, done, purposes)
    assert found.info.run_name == "mine/moons/final-2"
    assert found.info.status == "FINISHED"
    assert found.info.end_time - found.info.start_time == 200  # milliseconds of training
    assert found.data.params == {
        "optimizer": "sam", "optimizer.rho": "0.05", "optimizer.inner": "sgd", "optimizer.inner.lr": "0.1",
        "normalizers.0": "standardize", "normalizers.1": "batch-norm", "normalizers.1.momentum": "0.9",
        "regularizers": "[]", "seed": "1", "workload": "moons", "workload.dataset": "two-moons",
        "workload.dataset.samples": "200", "workload.batch_size": "32",
    }  # fmt: skip
    assert found.data.metrics == {
        "train_loss": 2.0, "train_metric": 0.5, "validation_loss": 3.0, "validation_metric": 0.5, "rate": 0.1,
        "final_train_loss": 1.0, "final_train_metric": 0.5, "final_validation_loss": 2.0,
        "final_validation_metric": 0.5, "final_test_loss": 1.5, "final_test_metric": 0.75,
        "steps": 20.0, "epochs": 2.0, "gradients": 20.0, "seconds": 0.2,
        "metric.weight_norm": 4.0, "metric.odd_name_": 1.0,
    }  # fmt: skip
    own = {k: v for k, v in found.data.tags.items() if not k.startswith("mlflow.")}
    assert own == {
        "key": t.key, "outcome": "done", "workload": "moons", "candidate": "mine+same", "phase": "final",
        "study": "0", "providers": "optbench 0.1.0",
    }  # fmt: skip
    history = client.get_metric_history(found.info.run_id, "train_loss")
    assert [(m.step, m.value) for m in history] == [(0, 3.0), (10, 1.0), (20, 2.0)]
    assert [m.timestamp - found.info.start_time for m in history] == [0, 100, 200]


def test_a_long_curve_arrives_whole(database):
    t = trial(seed=2)
    losses = np.linspace(3, 1, 1000).tolist()
    client, found = logged(t, Run("done", tuple(measurement(k, v) for k, v in enumerate(losses)), 999))
    history = client.get_metric_history(found.info.run_id, "train_loss")
    assert [m.value for m in sorted(history, key=lambda m: m.step)] == losses


def test_a_trial_that_failed_says_why(database):
    t = trial(seed=3)
    message = "not finite at step 10 " + "x" * 20_000
    _, found = logged(t, Run("diverged", (measurement(0, 3.0), measurement(10, float("inf"))), 1, message=message))
    assert found.info.status == "FAILED"
    assert found.info.run_name == "sam/moons"
    assert found.data.tags["message"].startswith("not finite at step 10")
    assert found.data.metrics["train_loss"] == 3.0
    assert "final_train_loss" not in found.data.metrics


def test_a_trial_whose_process_died_has_nothing_but_its_settings(database):
    _, found = logged(trial(seed=4), Run("crashed", message="the worker process died (exit status 3)"))
    assert found.info.status == "FAILED"
    assert found.data.metrics == {}
    assert found.data.params["seed"] == "4"


def command(folder, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "optbench.cli", *map(str, arguments)],
        capture_output=True, text=True, cwd=folder, check=False, timeout=120,
        env={**os.environ, "OPTBENCH_PLUGINS": "optbench-mlflow", **environment},
    )  # fmt: skip


def test_a_run_of_a_suite_is_logged(database):
    (database / "tiny.toml").write_text(SUITE)
    # The database that is there already: relative, as the default is.
    result = command(
        database, "run", "tiny.toml", "--engine", "serial", "--no-report", "--out", "out",
        MLFLOW_TRACKING_URI="sqlite:///runs.db", MLFLOW_EXPERIMENT_NAME="tiny",
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    exported = json.loads(command(database, "export", "out", "--format", "json").stdout)
    client, _ = optbench_mlflow.store()
    runs = client.search_runs([client.get_experiment_by_name("tiny").experiment_id])
    assert {r.info.run_name for r in runs} == {"plain/bowl/tune-0", "plain/bowl/tune-1", "plain/bowl/final-0"}
    by_key = {r.data.tags["key"]: r for r in runs}
    assert len(by_key) == len(exported) == 3
    for row in exported:
        found = by_key[row["key"]]
        assert found.data.params["optimizer"] == "sgd"
        assert float(found.data.params["optimizer.lr"]) == row["hyperparameters"]["optimizer.lr"]
        assert found.data.metrics["final_train_loss"] == pytest.approx(row["final_train_loss"])
        assert found.data.metrics["steps"] == row["steps"] == 20


def test_a_store_that_cannot_be_reached_is_one_line_and_the_run_goes_on(database):
    (database / "tiny.toml").write_text(SUITE)
    result = command(
        database, "run", "tiny.toml", "--engine", "serial", "--no-report", "--out", "alone",
        MLFLOW_TRACKING_URI="nowhere://at-all",
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    (line,) = [line for line in (result.stdout + result.stderr).splitlines() if "optbench-mlflow" in line]
    assert line.startswith("warning: plugin optbench-mlflow:mlflow (observe): ")
    assert "nowhere" in line


def test_mlflow_is_not_imported_before_a_trial_has_finished():
    code = (
        "import sys, optbench\n"
        "optbench.get('adam')\n"  # by then every plugin is loaded
        "print(*sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "OPTBENCH_PLUGINS": "optbench-mlflow"},
    )  # fmt: skip
    modules = result.stdout.split()
    assert "optbench_mlflow" in modules
    assert "mlflow" not in modules


def test_optbench_takes_it():
    assert offered(optbench_mlflow) == {"observers": ["optbench_trial_finished"]}
