"""How far a run is, from another process."""

import json
import os
import signal
import subprocess

import pytest

from optbench.cli import main
from optbench.contract.errors import OptbenchError
from optbench.referee.synthetic import synthetic_store
from optbench.running.journal import BEAT, Journal, holder
from optbench.running.lock import RunLock
from optbench.running.progress import Watcher
from optbench.running.status import lines, status
from support.processes import start, until

RUN = """
import sys
from optbench.running.progress import Watcher
import optbench
class Slow(Watcher):
    def finished(self, trial, run, purposes=()):
        super().finished(trial, run, purposes)
        print(self.done, flush=True)
        if self.done == 3:
            sys.stdin.read()  # until it is killed, or its parent is gone
optbench.run("quick", "serial", sys.argv[1], workloads=["spirals-mlp"], candidates=["sgd"], seeds=3, trials=3,
             report=False, watcher=Slow())
"""


def command(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["status", *map(str, arguments)])
    return stop.value.code, capsys.readouterr().out


@pytest.mark.slow
def test_a_run_that_is_killed(tmp_path, capsys):
    with start("-c", RUN, tmp_path, stdin=subprocess.PIPE) as process:
        try:
            assert [process.stdout.readline().strip() for _ in range(3)] == ["1", "2", "3"]
            until(lambda: status(tmp_path).seconds_left is not None)  # the next sign of life
            found = status(tmp_path)
            assert (found.state, found.pid, found.trials, found.expected) == ("running", process.pid, 3, 6)
            assert found.failed == 0
            assert found.seconds_left > 0
            code, text = command(capsys, tmp_path)
            assert code == 0
            assert f"running: process {process.pid} on " in text
            assert "3/6 trials, 0 failed" in text
            assert "left" in text
        finally:
            process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    found = status(tmp_path)
    assert (found.state, found.trials, found.seconds_left) == ("died", 3, None)
    code, text = command(capsys, tmp_path, "--watch")
    assert code == 1
    assert "is gone" in text
    code, text = command(capsys, tmp_path, "--json")
    assert code == 1
    assert json.loads(text)["outcomes"] == {"done": 3}


@pytest.mark.parametrize(
    ("error", "state"), [(None, "finished"), (KeyboardInterrupt(), "stopped"), (OSError(), "failed")]
)
def test_ends(tmp_path, error, state):
    try:
        with RunLock(tmp_path, lambda: holder(tmp_path), pytest.fail), Journal(tmp_path, Watcher(), "local:2", "Title"):
            assert status(tmp_path).state == "running"
            if error:
                raise error
    except (KeyboardInterrupt, OSError):
        pass
    found = status(tmp_path)
    assert (found.state, found.engine, found.complete) == (state, "local:2", error is None)
    assert found.log == str(tmp_path / "run.log")
    assert state in "\n".join(lines(found))
    assert max(map(len, lines(found)[1:3])) <= 80


def test_a_store_without_a_run(tmp_path):
    path = synthetic_store(tmp_path, ["sgd", "adam"], 2, seeds=2, trials=1)
    found = status(tmp_path)
    assert (found.state, found.trials, found.expected, found.pid) == ("unknown", 12, None, None)
    assert lines(found)[0].endswith("made-up trials")
    path.unlink()
    with pytest.raises(OptbenchError, match="nothing was run here"):
        status(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"pid": "1", "started": 3, "expected": [], "state": {}}', "[" * 9999])
def test_a_broken_sign_of_life(tmp_path, text):
    synthetic_store(tmp_path, ["sgd"], 1, seeds=2, trials=1)
    (tmp_path / BEAT).write_text(text)
    found = status(tmp_path)
    assert found.trials == 3
    assert found.pid is None
    assert lines(found)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_in_a_folder_that_cannot_be_written(tmp_path):
    with RunLock(tmp_path, lambda: "", pytest.fail), Journal(tmp_path, Watcher(), "serial", "t"):
        pass
    tmp_path.chmod(0o500)
    try:
        assert status(tmp_path).state == "finished"
    finally:
        tmp_path.chmod(0o700)
