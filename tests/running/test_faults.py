"""Faults of a run, with real processes: whatever is killed, full or in the way, what was finished is kept.

The number of kills is OPTBENCH_TEST_KILLS, their moments are drawn from OPTBENCH_TEST_SEED.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import optbench
from optbench.results.results import STORE
from optbench.running.interrupts import INTERRUPTED
from optbench.running.process import GRACE
from optbench.store import packing
from optbench.store.store import Store
from support.processes import ended, sleeper, start_optbench, until
from support.runs import decided
from support.suites import bowl, candidate, moons, searched, suite

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="signals, and processes by their files"),
]

KILLS = int(os.environ.get("OPTBENCH_TEST_KILLS", "8"))
SEED = int(os.environ.get("OPTBENCH_TEST_SEED", "0"))
#: a trial takes some hundredths of a second
SUITE = suite(
    moons(samples=200, epochs=20), bowl(steps=1000), searched("sgd", "adam"),
    candidate("momentum", optimizer={"name": "momentum", "search": ["lr", "beta"]}), seeds=3, tuning={"trials": 4},
)  # fmt: skip


class Place:
    """A folder with a suite, and how runs are started in it."""

    def __init__(self, folder, site):
        self.folder = folder
        self.site = site
        self.environment = {"OPTBENCH_TEST_LOG": str(folder / "log"), "OPTBENCH_TEST_PIDS": str(folder / "pids")}
        (folder / "tiny.toml").write_text(SUITE)

    def start(self, *words, engine="serial", out="out", **more):
        return start_optbench(
            "run", "tiny.toml", "--engine", engine, "--out", out, "--no-report", *words,
            path=[self.site], env=self.environment, cwd=self.folder, start_new_session=True, **more,
        )  # fmt: skip

    def run(self, *words, status=0, **more):
        """What a run that must end with this status printed, its output and its errors."""
        done = ended(self.start(*words, **more))
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    def left(self):
        """Processes that were started here and still live: they have our environment."""
        mark = f"OPTBENCH_TEST_LOG={self.folder / 'log'}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes():
                    found.append(path.parent.name)
            except OSError:
                pass
        return found


@pytest.fixture
def place(tmp_path, site):
    found = Place(tmp_path, site)
    yield found
    until(lambda: not found.left())


def contents(folder):
    """Every finished trial of a store with its run, to the bit; nothing where there is no store yet."""
    path = folder / STORE
    if not path.exists() or path.stat().st_size == 0:
        return {}
    with Store(path) as store:  # as the next run does: a log that a killed one left is read, too
        return {trial.key: packing.pack(run) for trial, run in store.runs()}


@pytest.mark.parametrize("engine", ["serial", "local:2"])
def test_a_run_that_is_killed_again_and_again_loses_nothing(place, engine):
    """Killed at random moments and resumed: no finished trial is lost, changed or run twice."""
    start = time.monotonic()
    place.run(out="undisturbed", engine=engine)
    usual = time.monotonic() - start
    expected = decided(place.folder / "undisturbed")
    chance = random.Random(SEED)
    kills = rounds = resumed = 0
    while kills < (KILLS * 3 // 4 if engine == "serial" else KILLS // 4):
        rounds += 1
        out, known = f"round{rounds}", {}
        (place.folder / "log").write_text("")
        while True:
            started = place.start(out=out, engine=engine)
            try:
                # Mostly before the end; a run that is undisturbed for long enough ends its round.
                _, errors = started.communicate(timeout=chance.uniform(0, usual))
            except subprocess.TimeoutExpired:
                started.kill()
                started.communicate()
                kills += 1
            now = contents(place.folder / out)
            assert {key: now[key] for key in known} == known
            resumed += bool(known)
            known = now
            if started.returncode == 0:
                break
            assert started.returncode == -signal.SIGKILL, errors
        lines = (place.folder / "log").read_text().splitlines()
        assert max(Counter(line.split()[0] for line in lines).values()) == 1
        assert decided(place.folder / out).equals(expected)
    print(f"{engine}: {kills} kills in {rounds} rounds, {resumed} of the starts found finished trials")


@pytest.mark.parametrize(("candidate", "kills", "outcome"), [("sleeps-once", 1, "done"), ("sleeps", 2, "crashed")])
def test_workers_that_are_killed(place, candidate, kills, outcome):
    """One that was killed from outside is replaced and its trial run again; a trial that loses two has crashed."""
    words = ["--workload", "bowl", "--candidate", "sgd", "--candidate", candidate, "--seeds", "1"]
    running = place.start(*words, engine="local:2")
    pids = place.folder / "pids"
    killed = set()

    def over():
        for word in pids.read_text().split() if pids.exists() else []:
            if word not in killed:
                os.kill(int(word), signal.SIGKILL)
                killed.add(word)
        return running.poll() is not None

    until(over)
    errors = ended(running).stderr
    assert running.returncode == (outcome == "crashed"), errors
    outcomes = optbench.load(place.folder / "out").trials.groupby("candidate")["outcome"].agg(set)
    assert dict(outcomes) == {"sgd": {"done"}, candidate: {outcome}}
    assert len(killed) == kills
    assert ("the worker process was killed by SIGKILL" in errors) == (outcome == "crashed")


@pytest.mark.parametrize("engine", ["local:1", "serial"])
def test_a_machine_that_sleeps(place, engine):
    """A worker, and a run with its worker, are stopped for longer than a trial may take: no trial is lost for it."""
    go = place.folder / "go"
    place.environment["OPTBENCH_TEST_GO"] = str(go)
    words = ["--workload", "bowl", "--candidate", "waits", "--seeds", "1", "--trials", "1", "--timeout", "10"]
    running = place.start(*words, engine=engine)
    worker = sleeper(place.folder / "pids")
    assert (worker == running.pid) == (engine == "serial")
    for sleeping in [[worker], [running.pid, worker]] if engine == "local:1" else [[worker]]:
        for pid in sleeping:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(10 + GRACE + 2)  # what must not count has to pass
        for pid in sleeping:
            os.kill(pid, signal.SIGCONT)
    go.touch()
    done = ended(running)
    assert done.returncode == 0, done.stderr
    assert set(optbench.load(place.folder / "out").trials["outcome"]) == {"done"}


def test_every_way_to_fail_at_once(place):
    """Healthy candidates finish; each failure says what it was."""
    names = ["sgd", "adam", "dies", "segfaults", "exits", "hogs", "sleeps", "raises"]
    words = [word for name in names for word in ("--candidate", name)]
    _, errors = place.run(
        "--workload", "bowl", "--seeds", "2", "--timeout", "10", "--memory", "400MB", *words, engine="local:2", status=1
    )
    trials = optbench.load(place.folder / "out").trials
    found = {c: (set(rows["outcome"]), rows["message"].iloc[0]) for c, rows in trials.groupby("candidate")}
    for name, outcome, message in [
        ("sgd", "done", ""),
        ("adam", "done", ""),
        ("dies", "crashed", "exit status 3"),
        ("segfaults", "crashed", "SIGSEGV"),
        ("exits", "error", "SystemExit: enough"),
        ("hogs", "error", "exceeded the memory limit of 400 MB"),
        ("sleeps", "timeout", "killed after 10 s"),
        ("raises", "error", "broken at step 5"),
    ]:
        assert found[name][0] == {outcome}, name
        assert message in found[name][1]
        assert outcome == "done" or message in errors


@pytest.mark.parametrize("engine", ["serial", "local:2"])
def test_ctrl_c_twice(place, engine):
    """Once is orderly; twice, at any moment after the first, is at once, and loses nothing."""
    chance = random.Random(1)
    for number in range(2):
        running = place.start(engine=engine, out=f"out{number}")
        folder = place.folder / f"out{number}"
        until(lambda folder=folder: (folder / STORE).exists() and len(contents(folder)) > 2)
        before = contents(folder)
        running.send_signal(signal.SIGINT)
        time.sleep(chance.uniform(0, 0.1))  # any moment is as good
        running.send_signal(signal.SIGINT)
        errors = ended(running).stderr
        assert running.returncode == INTERRUPTED, errors
        assert "stopped" in errors
        assert "Traceback" not in errors
        after = contents(folder)
        assert {key: after[key] for key in before} == before


def mounted(folder, size):
    """A small file system, where this may be made; else the test is skipped."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "optbench-test", str(folder)]
    if os.geteuid() or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("may not mount")


def unmount(folder):
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk(place):
    """One message; what is stored stays readable, and the same command goes on once there is room."""
    disk = place.folder / "disk"
    mounted(disk, "600k")
    try:
        _, errors = place.run("--seeds", "40", "--workload", "moons", out="disk/out", status=2)
        assert errors.count("error:") == 1
        assert "disk" in errors
        assert "what it holds is kept" in errors
        known = contents(disk / "out")
        assert len(known) > 5
        subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
        output, _ = place.run("--seeds", "40", "--workload", "moons", out="disk/out")
        assert f"{len(known)} finished trials are kept" in output
        now = contents(disk / "out")
        assert {key: now[key] for key in known} == known
        assert len(now) == 3 * (4 + 40)
    finally:
        unmount(disk)


def test_a_limit_on_the_size_of_files(place):
    """The same for a quota."""
    quota = ["bash", "-c", 'ulimit -f 300; exec "$@"', "-"]
    _, errors = place.run("--seeds", "40", "--workload", "moons", status=2, through=quota)
    assert errors.count("error:") == 1
    assert "what it holds is kept" in errors
    known = contents(place.folder / "out")
    output, _ = place.run("--seeds", "40", "--workload", "moons")
    assert f"{len(known)} finished trials are kept" in output


def test_a_folder_that_cannot_be_written(place):
    disk = place.folder / "disk"
    mounted(disk, "5m")
    try:
        place.run("--workload", "bowl", out="disk/out")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        known = contents_readonly(disk / "out")
        for out in ("disk/out", "disk/new"):
            _, errors = place.run("--workload", "bowl", out=out, status=2)
            assert f"error: --out {out}: cannot write to this folder: Read-only file system" in errors
        assert contents_readonly(disk / "out") == known
    finally:
        unmount(disk)


def contents_readonly(folder):
    with Store(folder / STORE, readonly=True) as store:
        return {trial.key: packing.pack(run) for trial, run in store.runs()}


def test_two_runs_on_one_store(place):
    """The second is refused, and disturbs nothing; when the first is gone, however it went, the next one starts."""
    first = place.start("--workload", "bowl", "--candidate", "sleeps", "--seeds", "1")
    sleeper(place.folder / "pids")
    _, errors = place.run("--workload", "bowl", status=2)
    assert str(first.pid) in errors
    _, errors = place.run("--workload", "bowl", "--fresh", status=2)
    assert first.poll() is None
    first.kill()
    ended(first)
    place.run("--workload", "bowl")
