"""Whole runs, in processes of their own: engines, resume, failing components, Ctrl-C."""

import os
import signal

import pytest

import optbench
from support.processes import ended, run_here, run_optbench, start_optbench, until
from support.runs import decided, stored
from support.suites import ACCURATE, LOW, bowl, moons, searched, suite

SUITE = suite(moons(target=ACCURATE), bowl(target=LOW), searched("sgd", "adam"))


@pytest.fixture(scope="module")
def place(tmp_path_factory, site):
    """A folder with the suite, and how processes there find an installed plugin."""
    folder = tmp_path_factory.mktemp("runner")
    (folder / "tiny.toml").write_text(SUITE)
    return {"cwd": folder, "path": [site], "env": {"OPTBENCH_TEST_LOG": str(folder / "log.txt")}}


@pytest.fixture(scope="module")
def serial(place):
    out = place["cwd"] / "serial"
    done = run_optbench("run", "tiny.toml", "--engine", "serial", "--out", out, **place)
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
    assert {path.suffix for path in (out / "figures").iterdir()} == {".svg"}


def test_both_engines_give_the_same_bits(place, serial):
    out = place["cwd"] / "local"
    done = run_optbench("run", "tiny.toml", "--engine", "local:2", "--out", out, "--no-report", **place)
    assert done.returncode == 0, done.stderr
    assert decided(out).equals(decided(serial[0]))


def test_running_again_runs_nothing_again_and_says_so(place, serial):
    log = place["cwd"] / "log.txt"
    before = log.read_text()
    again = run_optbench("run", "tiny.toml", "--engine", "serial", "--out", serial[0], "--no-report", **place)
    assert again.returncode == 0, again.stderr
    assert "16 finished trials are kept" in again.stdout
    assert log.read_text() == before


def test_fresh_starts_anew_and_sets_the_old_store_aside(place):
    out = place["cwd"] / "fresh"
    for _ in range(2):
        done = run_here(
            "run", "tiny.toml", "--engine", "serial", "--out", out, "--no-report", "--fresh",
            "--workload", "bowl", cwd=place["cwd"],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "kept" not in done.stdout
    assert (out / "store.old.sqlite").exists()


@pytest.mark.slow  # waits for time limits
def test_failing_components_take_no_other_down(place):
    out = place["cwd"] / "failing"
    names = ["raises", "dies", "sleeps", "writes-nan", "sgd"]
    done = run_optbench(
        "run", "tiny.toml", "--engine", "local:2", "--out", out, "--workload", "bowl", "--timeout", "3",
        *(word for name in names for word in ("--candidate", name)), **place,
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
    out = place["cwd"] / "stopped"
    words = ["run", "tiny.toml", "--out", out, "--no-report", "--workload", "bowl", "--candidate", "sgd"]
    more = ["--engine", "local:2", "--candidate", "sleeps"]
    with start_optbench(*words, *more, start_new_session=True, **place) as running:
        # Both trials of sgd's tuning are stored, and the sleepers hold the workers.
        until(lambda: running.poll() is not None or stored(out) >= 2)
        os.killpg(running.pid, signal.SIGINT)
        stopped = ended(running)
    assert stopped.returncode == 130, stopped.stderr
    assert "are kept; the same command goes on from here" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    done = run_optbench(*words, "--engine", "serial", **place)
    assert done.returncode == 0, done.stderr
    assert "finished trials are kept" in done.stdout
