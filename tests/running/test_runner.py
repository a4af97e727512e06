"""Whole runs, in processes of their own: engines, resume, failing components, Ctrl-C."""

import os
import signal
import subprocess
import sys
import time

import pytest

import optbench
from optbench.results.results import STORE

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
[[workloads]]
name = "bowl"
function = "quadratic"
steps = 60
target = { metric = "train_loss", value = 0.01 }
[[candidates]]
name = "sgd"
[candidates.optimizer]
name = "sgd"
search = ["lr"]
[[candidates]]
name = "adam"
[candidates.optimizer]
name = "adam"
search = ["lr"]
"""

@pytest.fixture(scope="module")
def place(tmp_path_factory, install_hostile):
    """A folder with the suite and an installed plugin; subprocesses find both."""
    folder = tmp_path_factory.mktemp("runner")
    (folder / "tiny.toml").write_text(SUITE)
    install_hostile(folder)
    return folder


def command(place, *arguments):
    return [sys.executable, "-m", "optbench.cli", *map(str, arguments)]


def environment(place):
    paths = [str(place), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPTBENCH_TEST_LOG": str(place / "log.txt")}


def optbench_cli(place, *arguments, **more):
    return subprocess.run(
        command(place, *arguments),
        env=environment(place), cwd=place, capture_output=True, text=True, timeout=120, **more,
    )  # fmt: skip


def table(folder):
    trials = optbench.load(folder).trials
    keys = ["workload", "candidate", "phase", "number"]
    columns = [*keys, "outcome", "steps_to_target", "final_train_loss", "final_test_loss"]
    return trials[columns].sort_values(keys).reset_index(drop=True)


@pytest.fixture(scope="module")
def serial(place):
    out = place / "serial"
    done = optbench_cli(place, "run", "tiny.toml", "--engine", "serial", "--out", out)
    assert done.returncode == 0, done.stderr
    return out, done


def test_a_run_trains_every_candidate_and_writes_what_it_says(serial):
    out, done = serial
    trials = optbench.load(out).trials
    assert len(trials) == 2 * 2 * (2 + 2)
    assert set(trials["phase"]) == {"tune", "final"}
    assert trials["selected"].sum() == 4
    assert "adam" in done.stdout
    assert (out / "report.html").stat().st_size > 10_000
    assert list((out / "figures").glob("*.png"))
    assert list((out / "figures").glob("*.svg"))


def test_both_engines_give_the_same_bits(place, serial):
    out = place / "local"
    done = optbench_cli(place, "run", "tiny.toml", "--engine", "local:2", "--out", out, "--no-report")
    assert done.returncode == 0, done.stderr
    assert table(out).equals(table(serial[0]))


def test_running_again_runs_nothing_again_and_says_so(place, serial):
    log = place / "log.txt"
    before = log.read_text()
    again = optbench_cli(place, "run", "tiny.toml", "--engine", "serial", "--out", serial[0], "--no-report")
    assert again.returncode == 0, again.stderr
    assert "16 finished trials are kept" in again.stdout
    assert log.read_text() == before


def test_fresh_starts_anew_and_sets_the_old_store_aside(place, serial):
    out = place / "fresh"
    for _ in range(2):
        done = optbench_cli(
            place, "run", "tiny.toml", "--engine", "serial", "--out", out, "--no-report", "--fresh",
            "--workload", "bowl",
        )  # fmt: skip
        assert "kept" not in done.stdout
    assert (out / "store.old.sqlite").exists()


def test_failing_components_take_no_other_down(place):
    out = place / "failing"
    names = ["raises", "dies", "sleeps", "writes-nan", "sgd"]
    done = optbench_cli(
        place, "run", "tiny.toml", "--engine", "local:2", "--out", out, "--workload", "bowl", "--timeout", "0.3",
        *(word for name in names for word in ("--candidate", name)),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    trials = optbench.load(out).trials
    finals = trials[trials["phase"] == "final"].groupby("candidate")["outcome"].agg(set)
    assert finals["sgd"] == {"done"}
    assert finals["raises"] == {"error"}
    assert finals["dies"] == {"crashed"}
    assert finals["sleeps"] == {"timeout"}
    assert finals["writes-nan"] == {"diverged"}
    origin = "raises (hostile-optimizers 1.0) on bowl, 2 trials"
    assert f"error: {origin}: optimizer raises, step 5: RuntimeError: broken at step 5" in done.stderr
    broken = trials[trials["candidate"] == "raises"].iloc[0]
    assert "hostile_optimizers.py" in broken["traceback"]
    page = (out / "report.html").read_text()
    assert "broken at step 5" in page
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_ends_cleanly_and_the_same_command_goes_on(place):
    out = place / "stopped"
    arguments = command(
        place, "run", "tiny.toml", "--engine", "local:2", "--out", out, "--no-report",
        "--candidate", "sgd", "--candidate", "sleeps", "--workload", "bowl",
    )  # fmt: skip
    running = subprocess.Popen(
        arguments, env=environment(place), cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    # Both trials of sgd's tuning are stored, and the sleepers hold the workers.
    while time.monotonic() < deadline:
        if (out / STORE).exists() and len(optbench.load(out).trials) >= 2:
            break
        time.sleep(0.2)
    os.killpg(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130, errors
    assert "are kept; the same command goes on from here" in errors
    assert "Traceback" not in errors
    done = optbench_cli(
        place, "run", "tiny.toml", "--engine", "serial", "--out", out, "--no-report",
        "--candidate", "sgd", "--workload", "bowl",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "finished trials are kept" in done.stdout
