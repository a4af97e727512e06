"""Dask: real schedulers and workers, in processes of their own that are killed."""

import json
import os
import platform
import signal
import sys
from pathlib import Path

import pytest

import optbench
from optbench.contract.errors import OptbenchError
from optbench.results.results import STORE
from optbench.running import cluster, process
from optbench.running.engine import SerialEngine, engine
from optbench.running.process import Crashed
from optbench.running.worker import unfit
from support.hostile import broken, plain
from support.processes import HANG, ended, sleeper, start, start_optbench, until
from support.runs import decided
from support.suites import bowl, candidate, moons, searched, suite

distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="signals"),
]

SUITE = suite(moons(), bowl(), searched("sgd", "adam"))
LAST = candidate("last", optimizer="sleeps-once")
#: functions of this file are unpickled in workers
TESTS = Path(__file__).parents[1]


class Cluster:
    """A scheduler, and workers that can be added and killed."""

    def __init__(self, folder, site):
        self.folder = folder
        self.site = site
        self.processes = []
        file = folder / "scheduler.json"
        file.unlink(missing_ok=True)
        self.scheduler = self.start(site, "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
        self.address = until(lambda: file.exists() and json.loads(file.read_text() or "{}").get("address"))

    def start(self, site, *words, **env):
        with (self.folder / "dask.log").open("a") as log:
            started = start(
                "-m", "distributed.cli.dask_" + words[0], *words[1:], "--no-dashboard",
                path=[site, TESTS], env={"OPTBENCH_TEST_PIDS": str(self.folder / "pids"), **env}, cwd=self.folder,
                stdout=log, stderr=log,
            )  # fmt: skip
        self.processes.append(started)
        return started

    def worker(self, site=None, **env):
        words = ["worker", self.address, "--no-nanny", "--nthreads", "1", "--local-directory", self.folder]
        return self.start(site or self.site, *words, **env)

    def close(self):
        for started in self.processes:
            started.kill()
            started.wait()


@pytest.fixture
def made(tmp_path, site):
    """Makes clusters that are gone after the test."""
    found = []

    def make():
        found.append(Cluster(tmp_path, site))
        return found[-1]

    yield make
    for each in found:
        each.close()


@pytest.fixture(scope="module")
def dask(tmp_path_factory, site):
    """A cluster with one worker, and the file where sleepers leave their process numbers."""
    found = Cluster(tmp_path_factory.mktemp("dask"), site)
    found.worker()
    yield found
    found.close()


@pytest.fixture
def pids(dask):
    path = dask.folder / "pids"
    path.unlink(missing_ok=True)
    return path


@pytest.fixture
def pool(dask, monkeypatch):
    monkeypatch.setattr(cluster, "LOOK", 0.1)
    with engine(f"dask:{dask.address}", 400 * 10**6) as pool:
        until(lambda: pool.client.nthreads())
        yield pool


def result(future):
    return future.result(timeout=HANG)


def gone(number):
    return not Path(f"/proc/{number}").exists()


def test_units_on_a_worker(pool, trials):
    """The same bits as here; and whatever a component does to its process, the worker lives."""
    pool.expect(["hostile-optimizers 1.0"])
    with SerialEngine() as serial:
        here = plain(result(serial.submit(trials, None)))
    assert plain(result(pool.submit(trials, None))) == here
    for name, message in (("dies", "exit status 3"), ("segfaults", "SIGSEGV")):
        with pytest.raises(Crashed, match=message) as error:
            result(pool.submit(broken(trials, name), None))
        assert not error.value.outside
    if sys.platform == "linux":
        (run,) = result(pool.submit(broken(trials[:1], "hogs"), None))
        assert "exceeded the memory limit of 400 MB" in run.message
    assert plain(result(pool.submit(trials, None))) == here


def test_plugins_that_a_worker_lacks_are_named_before_the_first_trial(pool):
    pool.expect([])
    with pytest.raises(OptbenchError) as error:
        pool.expect(["hostile-optimizers 2.0", "optbench-nowhere 1.0"])
    (worker,) = pool.client.nthreads()
    assert str(error.value).splitlines() == [
        f"Dask worker {worker}: hostile-optimizers 2.0 is needed, but there is hostile-optimizers 1.0",
        f"       Dask worker {worker}: optbench-nowhere 1.0 is needed, but it is not installed",
    ]


def test_workers_come_and_go(dask, pool, pids, trials, tmp_path):
    """A worker that joins is used, one that dies is replaced by another, one that lacks a plugin is refused."""
    pool.expect(["hostile-optimizers 1.0"])
    assert pool.workers == 1
    second = dask.worker()
    until(lambda: pool.workers == 2)
    units = [pool.submit(broken(trials[:1], "sleeps-once"), None), *(pool.submit(trials, None) for _ in range(3))]
    number = sleeper(pids)
    parent = int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(parent, signal.SIGKILL)
    assert [run.outcome for unit in units for run in result(unit)] == ["done"] * 10
    until(lambda: gone(number))
    for started in dask.processes[1:]:
        started.kill()
        started.wait()
    assert second in dask.processes
    until(lambda: not pool.client.nthreads())
    assert "has no workers yet: waiting for the first" in pool.expect(["hostile-optimizers 1.0"])
    unit = pool.submit(trials, None)
    dask.worker(tmp_path)  # where the plugin is not installed
    with pytest.raises(OptbenchError, match=r"Dask worker tcp.*hostile-optimizers 1\.0 is needed, but it is not inst"):
        result(unit)
    dask.processes[-1].kill()
    dask.worker()
    until(lambda: pool.client.nthreads())


def test_a_unit_whose_workers_die_again_and_again_has_crashed(dask, pool, pids, trials):
    pool.client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
    until(lambda: pool.client.nthreads())
    unit = pool.submit(broken(trials[:1], "sleeps"), None)
    sleeper(pids)
    for started in dask.processes[1:]:
        started.kill()
    with pytest.raises(Crashed, match="1 Dask workers, one after another, died while they had it"):
        result(unit)
    dask.worker()


def test_a_component_that_sleeps_is_killed_after_its_time(pool, trials, monkeypatch):
    grace = process.GRACE
    until(lambda: pool.client.nthreads())
    assert [r.outcome for r in result(pool.submit(trials, 60))] == ["done"] * 3
    pool.client.run(set_grace, 0.1)
    with pytest.raises(TimeoutError):
        result(pool.submit(broken(trials[:1], "sleeps"), 0.2))
    pool.client.run(set_grace, grace)
    assert [r.outcome for r in result(pool.submit(trials, 60))] == ["done"] * 3


def set_grace(seconds):
    from optbench.running import process

    process.GRACE = seconds


def test_leaving_ends_what_runs_on_the_cluster(dask, pids, trials):
    with engine(f"dask:{dask.address}") as pool:
        until(lambda: pool.client.nthreads())
        pool.submit(broken(trials[:1], "sleeps"), None)
        number = sleeper(pids)
    until(lambda: gone(number))


def command(folder, site, *words):
    return start_optbench(
        "run", *words, "--no-report", path=[site], env={"OPTBENCH_TEST_PIDS": str(folder / "mine")}, cwd=folder
    )


def test_a_run_outlives_its_scheduler(made, tmp_path, site):
    """The scheduler dies in mid-run: finished trials are kept, and the same command on a new one ends the run."""
    (tmp_path / "tiny.toml").write_text(SUITE + LAST)
    (tmp_path / "mine").touch()  # so that none sleeps in the run's own process, where steps are timed
    first = made()
    first.worker()
    run = command(tmp_path, site, "tiny.toml", "--engine", f"dask:{first.address}", "--out", "out")
    sleeper(tmp_path / "pids")
    first.scheduler.kill()
    done = ended(run)
    first.close()
    errors = done.stderr
    assert done.returncode == 2, errors
    assert f"error: the Dask scheduler at {first.address} went away; finished trials are kept" in errors
    assert len(errors.splitlines()) == 1, errors
    kept = len(optbench.load(tmp_path / "out").trials)
    assert (tmp_path / "out" / STORE).exists()

    second = made()
    second.worker()
    second.worker()
    done = ended(command(tmp_path, site, "tiny.toml", "--engine", f"dask:{second.address}", "--out", "out"))
    second.close()
    assert done.returncode == 0, done.stderr
    assert f"{kept} finished trials are kept" in done.stdout or kept == 0
    done = ended(command(tmp_path, site, "tiny.toml", "--engine", "serial", "--out", "serial"))
    assert done.returncode == 0, done.stderr
    assert decided(tmp_path / "out").equals(decided(tmp_path / "serial"))


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="kernels of OpenBLAS for x86")
def test_runs_are_told_by_the_environment_of_their_worker(made, tmp_path, site):
    """Another kernel of the BLAS there: named before the first trial, kept with each run, and blamed for other bits."""
    haswell = {"OPENBLAS_CORETYPE": "Haswell"}
    cluster = made()
    cluster.worker(OPENBLAS_CORETYPE="Nehalem")
    (tmp_path / "tiny.toml").write_text(suite(moons(samples=400, hidden=(64, 64)), searched("sgd", "adam")))
    words = ["run", "tiny.toml", "--engine", f"dask:{cluster.address}", "--out", "out", "--no-report"]
    with distributed.Client(cluster.address) as client:
        client.wait_for_workers(1)
    done = ended(start_optbench(*words, path=[site, TESTS], env=haswell, cwd=tmp_path))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (told,) = (i for i, line in enumerate(lines) if line.startswith("warning: Dask worker tcp://"))
    assert "Nehalem (here OpenBLAS" in lines[told].replace("openblas", "OpenBLAS")
    assert "Haswell" in lines[told]
    results = optbench.load(tmp_path / "out")
    ((made_in, count),) = results.environments
    assert "Nehalem" in made_in["blas"]
    assert count == len(results.trials)
    assert "Haswell" in results.environment["blas"]
    again = ended(start_optbench("reproduce", "out", "--engine", "serial", env=haswell, path=[site], cwd=tmp_path))
    assert again.returncode == 1, again.stdout
    assert "draws chance" not in again.stdout
    assert "what differs from where they were made: blas" in again.stdout


def test_a_cluster_in_this_process(tmp_path):
    (tmp_path / "tiny.toml").write_text(SUITE)
    one = optbench.run(tmp_path / "tiny.toml", engine="dask:local:2", out=tmp_path / "dask", report=False)
    two = optbench.run(tmp_path / "tiny.toml", engine="serial", out=tmp_path / "serial", report=False)
    assert decided(one.folder).equals(decided(two.folder))


def test_the_documented_slurm_cluster_makes_a_job():
    jobqueue = pytest.importorskip("dask_jobqueue")
    page = (Path(__file__).parents[2] / "docs" / "clusters.md").read_text(encoding="utf-8")
    code = page.partition("from dask_jobqueue import SLURMCluster\n")[2].partition("cluster.adapt")[0]
    options = {}
    exec(code, {"SLURMCluster": lambda **given: options.update(given)})
    # without a dashboard, whose port may be taken
    with jobqueue.SLURMCluster(**options, scheduler_options={"dashboard_address": ":0"}) as slurm:
        script = slurm.job_script()
    for words in (
        "#SBATCH -p short", "#SBATCH --cpus-per-task=8", "#SBATCH -t 02:00:00", "source ~/optbench/bin/activate",
        "--nthreads 8", "--lifetime 110m",
    ):  # fmt: skip
        assert words in script


def test_no_scheduler_and_no_address(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with pytest.raises(OptbenchError, match=r"--engine dask:tcp://127\.0\.0\.1:1: no scheduler answers there"):
        engine("dask:tcp://127.0.0.1:1").__enter__()
    for text in ("dask", "dask:", "dask:local:0"):
        with pytest.raises(OptbenchError, match="--engine"):
            engine(text)


HANDED = """
from dataclasses import dataclass
import numpy as np
import optbench
from optbench import Optimizer, hyper

@dataclass(frozen=True)
class Mine(Optimizer):
    name = "mine"
    lr: float = hyper(1e-3, low=1e-5, high=1e-1, scale="log")
    def step(self, params, grads, state, context):
        params -= self.lr * context.factor * np.sign(grads)

for engine in (ADDRESS, "serial"):
    found = optbench.run("suite.toml", engine, engine.partition(":")[0], candidates=[Mine], report=False)
    assert set(found.trials["outcome"]) == {"done"}, found.trials["message"].tolist()
"""


def test_a_class_of_a_program_on_workers_that_cannot_import_it(dask, pool, tmp_path):
    """It is given to them by value; the runs are those that are made here."""
    (tmp_path / "suite.toml").write_text(SUITE)
    with start("-", cwd=tmp_path, stdin=-1) as process:
        _text, errors = process.communicate(HANDED.replace("ADDRESS", repr(f"dask:{dask.address}")), timeout=HANG)
    assert process.returncode == 0, errors
    there, here = (decided(tmp_path / folder) for folder in ("dask", "serial"))
    assert "mine" in set(there["candidate"])
    assert there.equals(here)


def test_a_class_that_a_worker_cannot_make_is_named_before_the_first_trial(pool):
    from optbench.registry.guest import Guest

    guest = Guest("optimizers", "mine.py:Mine", "", "mine.py", b"", "2.7")
    answers = pool.client.run(unfit, (), (guest,))
    assert all("mine.py:Mine travels by its code, which is of Python 2.7" in text for (text,) in answers.values())
