"""Engines: the same runs everywhere; what a unit of work does to its process is its own matter."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.running import process
from optbench.running.engine import LocalEngine, SerialEngine, engine
from optbench.running.process import Crashed, WorkerProcess
from optbench.running.worker import unfit
from support.hostile import broken, plain
from support.processes import HANG, sleeper


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, site):
    """Worker processes find the plugin by their parent's path; the file where sleepers leave their process numbers."""
    pids = tmp_path_factory.mktemp("engine") / "pids"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        patch.setenv("OPTBENCH_TEST_PIDS", str(pids))
        yield pids


@pytest.fixture(scope="module")
def pool(hostile):
    with LocalEngine(1, memory=400 * 10**6) as pool:
        yield pool


def result(future):
    return future.result(timeout=HANG)


def test_both_engines_give_the_same_runs(pool, trials):
    with SerialEngine() as serial:
        assert plain(result(pool.submit(trials, None))) == plain(result(serial.submit(trials, None)))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dies", r"the worker process ended itself \(exit status 3\)"),
        ("segfaults", "the worker process was killed by SIGSEGV"),
    ],
)
def test_a_component_that_ends_its_process_takes_its_unit_only(pool, trials, name, message):
    units = [pool.submit(trials, None), pool.submit(broken(trials, name), None), pool.submit(trials, None)]
    with pytest.raises(Crashed, match=message) as error:
        result(units[1])
    assert not error.value.outside
    assert plain(result(units[0])) == plain(result(units[2]))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts mappings as data")
@pytest.mark.parametrize("name", ["hogs", "crumbs"])
def test_a_component_that_allocates_without_end_meets_the_limit(pool, trials, name):
    (hog,) = broken(trials[:1], name)
    with pytest.raises(Crashed, match="memory limit"):  # the healthy ones may have suffered: each by itself
        result(pool.submit([hog, *trials], None))
    (run,) = result(pool.submit([hog], None))
    assert run.outcome == "error"
    # where the pieces were small there was none left for a traceback, which tells the component
    where = "optimizer hogs, step 0: " if name == "hogs" else ""
    assert run.message.endswith(f"{where}MemoryError: exceeded the memory limit of 400 MB (--memory)")
    assert [r.outcome for r in result(pool.submit(trials, None))] == ["done"] * 3


def test_a_component_that_sleeps_is_killed_after_its_time(pool, trials, hostile, monkeypatch):
    monkeypatch.setattr(process, "GRACE", 0.1)
    with pytest.raises(TimeoutError):
        result(pool.submit(broken(trials[:1], "sleeps"), 0.2))
    assert [r.outcome for r in result(pool.submit(trials, 60))] == ["done"] * 3


def test_a_clock_that_jumps_ends_nothing(pool, trials, monkeypatch):
    jumped = time.time() + 1e6
    monkeypatch.setattr(time, "time", lambda: jumped)
    future = pool.submit(trials, 60)
    assert [r.outcome for r in result(future)] == ["done"] * 3


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_worker_that_is_killed_idle_or_at_work_is_replaced(pool, trials, hostile):
    hostile.unlink(missing_ok=True)
    result(pool.submit(trials, None))
    os.kill(pool.slots[0].process.process.pid, signal.SIGKILL)  # idle: the next unit is told
    with pytest.raises(Crashed, match="SIGKILL") as error:
        result(pool.submit(trials, None))
    assert error.value.outside
    unit = pool.submit(broken(trials[:1], "sleeps"), None)
    os.kill(sleeper(hostile), signal.SIGKILL)
    with pytest.raises(Crashed, match="SIGKILL"):
        result(unit)
    assert [r.outcome for r in result(pool.submit(trials, None))] == ["done"] * 3


def test_leaving_after_an_error_ends_what_runs(trials, hostile):
    hostile.unlink(missing_ok=True)
    pool = LocalEngine(1).__enter__()
    futures = [pool.submit(broken(trials[:1], "sleeps"), None), pool.submit(trials, None)]
    number = sleeper(hostile)
    pool.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not Path(f"/proc/{number}").exists()
    assert isinstance(futures[0].exception(timeout=HANG), Crashed)
    assert not futures[1].done()
    assert not [t for t in threading.enumerate() if t in pool.threads]


def test_a_worker_that_cannot_start_says_so(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(OptbenchError, match=r"could not start: it ended itself \(exit status 1\)"):
        WorkerProcess()


def test_a_worker_that_lacks_a_plugin_names_it(hostile):
    own = registry().plugins["optbench:builtin"]
    assert unfit([f"optbench {own.version}"]) == []
    assert unfit(["optbench 99.0", "optbench-nowhere 1.0"]) == [
        f"optbench 99.0 is needed, but there is optbench {own.version}",
        "optbench-nowhere 1.0 is needed, but it is not installed",
    ]
    worker = WorkerProcess(providers=["hostile-optimizers 1.0"])
    worker.close()
    with pytest.raises(OptbenchError, match=r"hostile-optimizers 2\.0 is needed, but there is hostile-optimizers 1\.0"):
        WorkerProcess(providers=["hostile-optimizers 2.0"])


def test_the_option():
    assert engine("serial").workers == 1
    assert engine("local:3").workers == 3
    assert engine("local:3", 10**9).limit == 10**9
    for text in ("local:0", "local:x", "serial:2", "locale"):
        with pytest.raises(OptbenchError, match="--engine"):
            engine(text)
    with pytest.raises(OptbenchError, match="--memory needs worker processes"):
        engine("serial", 10**9)
