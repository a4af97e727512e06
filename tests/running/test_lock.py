"""One run a folder: the second is refused, and a killed holder holds nothing."""

import signal
import subprocess

import pytest

import optbench
from optbench.contract.errors import OptbenchError
from optbench.running.journal import Journal, holder
from optbench.running.lock import RunLock, locked
from optbench.running.progress import Watcher
from support.processes import start

HOLD = """
import sys
from pathlib import Path
from optbench.running.journal import Journal, holder
from optbench.running.lock import RunLock
from optbench.running.progress import Watcher
folder = Path(sys.argv[1])
with RunLock(folder, lambda: holder(folder), print), Journal(folder, Watcher(), "serial", "t"):
    print("held", flush=True)
    sys.stdin.read()  # until it is killed, or its parent is gone
"""


@pytest.fixture
def process(tmp_path):
    """A process that holds the lock of tmp_path."""
    with start("-c", HOLD, tmp_path, stdin=subprocess.PIPE) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_run_is_told_who_runs(tmp_path, process):
    assert locked(tmp_path) is True
    with pytest.raises(OptbenchError, match=rf"another run.*process {process.pid} on .* since 20.*--out"):
        optbench.run("quick", "serial", tmp_path, workloads=["spirals-mlp"], candidates=["sgd"])
    # it left no trace
    assert {p.name for p in tmp_path.iterdir()} == {"run.lock", "run.json", "run.log"}
    assert holder(tmp_path).startswith(f"process {process.pid} ")


def test_a_killed_run_holds_nothing(tmp_path, process):
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()
    assert locked(tmp_path) is False
    with RunLock(tmp_path, lambda: "nobody", pytest.fail):
        assert locked(tmp_path) is True
    assert locked(tmp_path) is False
    assert locked(tmp_path / "nowhere") is False


def test_within_one_process_too(tmp_path):
    with RunLock(tmp_path, lambda: "me", pytest.fail):  # noqa: SIM117
        with pytest.raises(OptbenchError, match="me"), RunLock(tmp_path, lambda: "me", pytest.fail):
            pass
    with RunLock(tmp_path, lambda: "me", pytest.fail):
        pass


def test_a_file_system_without_locks_is_said_so(tmp_path, monkeypatch):
    import filelock

    def unable(self, **options):
        raise NotImplementedError("no flock here")

    monkeypatch.setattr(filelock.FileLock, "acquire", unable)
    said = []
    with RunLock(tmp_path, lambda: "", said.append), Journal(tmp_path, Watcher(), "serial", "t"):
        assert "no flock here" in said[0]
        (tmp_path / "run.lock").touch()
        assert locked(tmp_path) is None
