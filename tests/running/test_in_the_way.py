"""What others do to a run's store meanwhile: they move it, remove it, hold its lock. Nothing finished is lost."""

import shutil
import signal
import sqlite3
import sys

import pytest

from optbench.contract.errors import OptbenchError
from optbench.results.results import STORE
from optbench.store.store import Store
from support.processes import ended, sleeper, start_optbench, until
from support.runs import stored
from support.stores import trial
from support.suites import bowl, candidate, searched, suite

SUITE = suite(bowl(steps=200), searched("sgd"), candidate("sleeps", optimizer={"name": "sleeps"}))
linux = pytest.mark.skipif(sys.platform != "linux", reason="an open file can be moved, and is found again")


@pytest.fixture
def start(tmp_path, site):
    """Starts a run of the suite in the folder `out`."""
    (tmp_path / "tiny.toml").write_text(SUITE)

    def started(*words, engine="serial", out="out"):
        words = ["run", "tiny.toml", "--engine", engine, "--out", out, "--no-report", *words]
        env = {"OPTBENCH_TEST_PIDS": str(tmp_path / "pids")}
        return start_optbench(*words, path=[site], env=env, cwd=tmp_path)

    return started


def only_message(done):
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("error:") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@linux
@pytest.mark.parametrize("again", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_folder_that_is_moved(tmp_path, start, again):
    """The run stops at once and says where its store is now, also where another folder took its place."""
    running = start("--candidate", "sgd", "--seeds", "300")
    until(lambda: stored(tmp_path / "out") > 3)
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    if again:
        shutil.copytree(tmp_path / "elsewhere", tmp_path / "out")
    message = only_message(ended(running))
    assert f"it is {tmp_path / 'elsewhere' / STORE} now" in message
    count = stored(tmp_path / "elsewhere")
    assert count > 3
    done = ended(start("--candidate", "sgd", "--seeds", "4", out="elsewhere"))
    assert done.returncode == 0, done.stderr
    assert f"{count} finished trials are kept" in done.stdout


@linux
@pytest.mark.parametrize("what", ["out", f"out/{STORE}"])
def test_a_store_that_is_removed_while_a_worker_trains(tmp_path, start, what):
    """Nobody waits for a trial that nobody can keep."""
    running = start("--candidate", "sleeps", "--seeds", "1", "--trials", "1", engine="local:1")
    sleeper(tmp_path / "pids")
    running.send_signal(signal.SIGSTOP)  # it writes to the folder, and looks whether its store is there
    if (tmp_path / what).is_dir():
        shutil.rmtree(tmp_path / what)
    else:
        (tmp_path / what).unlink()
    running.send_signal(signal.SIGCONT)
    assert "the store was removed" in only_message(ended(running))


def test_where_a_store_is_told_only_to_who_writes(tmp_path):
    """A store that is moved takes nothing more; a reader goes on with what it has open."""
    with Store(tmp_path / "a" / STORE, create=True) as made:
        made.set("title", "A")
    store = Store(tmp_path / "a" / STORE)
    reader = Store(tmp_path / "a" / STORE, readonly=True)
    (tmp_path / "a").rename(tmp_path / "b")
    assert reader.get("title") == "A"
    for write in (lambda: store.set("title", "B"), lambda: store.select("w", "c", 0, trial().key), store.check):
        with pytest.raises(OptbenchError, match="moved"):
            write()
    with pytest.raises(OptbenchError, match="moved"), store:
        pass  # also where nothing more was to be written
    reader.close()


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before it begins", "while it goes on"])
def test_another_programs_lock(tmp_path, start, when):
    """However long it lasts: the run says so once, and goes on when the lock is gone."""
    ended(start("--candidate", "sgd", "--seeds", "1"))
    if when == "while it goes on":
        running = start("--candidate", "sgd", "--seeds", "60")
        until(lambda: stored(tmp_path / "out") > 2)
    lock = sqlite3.connect(tmp_path / "out" / STORE, isolation_level=None)
    until(lambda: begun(lock))
    if when == "before it begins":
        running = start("--candidate", "sgd", "--seeds", "8")
    said = next(line for line in running.stdout if "another process is writing to this store" in line)
    assert said.startswith("warning:")
    assert "waiting until it has finished" in said
    lock.execute("COMMIT")
    lock.close()
    done = ended(running)
    assert done.returncode == 0, done.stderr
    assert "another process" not in done.stdout
    assert stored(tmp_path / "out") == 2 + (8 if when == "before it begins" else 60)


def begun(lock):
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True
