"""Ctrl-C: the first is a KeyboardInterrupt that is surely met, the second ends the process and its workers at once."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from optbench.cli import main
from optbench.running.interrupts import AT_ONCE, INTERRUPTED, Interrupts
from support.processes import HANG, ended, start, until


@pytest.fixture(autouse=True)
def _as_in_a_terminal():
    """Where tests run in the background of a script, Ctrl-C is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_is_raised_and_all_is_as_before_afterwards():
    hook = sys.unraisablehook
    with pytest.raises(KeyboardInterrupt), Interrupts():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert sys.unraisablehook is hook


@pytest.mark.parametrize("theirs", [signal.SIG_IGN, signal.SIG_DFL, print])
def test_one_that_is_ignored_or_another_s_stays_so(theirs):
    signal.signal(signal.SIGINT, theirs)
    with Interrupts(ending=True):
        assert signal.getsignal(signal.SIGINT) is theirs
    assert signal.getsignal(signal.SIGINT) is theirs


def test_other_threads_handle_no_signals():
    found = []

    def look():
        with Interrupts():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]


class Last:
    """Interrupted where an exception goes nowhere."""

    def __del__(self):
        signal.raise_signal(signal.SIGINT)


def test_one_that_nobody_can_catch_comes_again(capfd):
    def lose():
        Last()
        threading.Event().wait(HANG)

    with pytest.raises(KeyboardInterrupt), Interrupts():
        lose()
    assert capfd.readouterr() == ("", "")


def test_one_in_an_import_comes_when_that_is_done(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "imported_once.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\nwhole = True\n")

    def load():
        import imported_once

        assert imported_once.whole
        threading.Event().wait(HANG)

    with pytest.raises(KeyboardInterrupt), Interrupts():
        load()
    assert sys.modules.pop("imported_once").whole


def test_other_errors_that_nobody_can_catch_are_told_as_ever(monkeypatch):
    class Broken:
        def __del__(self):
            raise ZeroDivisionError

    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with Interrupts():
        Broken()
    assert [one.exc_type for one in told] == [ZeroDivisionError]


#: Its worker's component holds the interpreter's lock, and so does not see that its parent ended.
BUSY = """
import ctypes, os, signal, threading
from optbench.cli import main
from optbench.running.interrupts import Interrupts
from optbench.running.process import WorkerProcess

class Holds:
    def __reduce__(self):
        return exec, ("import ctypes; ctypes.PyDLL(None).pause()",)

worker = WorkerProcess()
worker._send(([Holds()], None))
with Interrupts():
    try:
        print(worker.process.pid, flush=True)
        threading.Event().wait()
    finally:
        print("cleaning", flush=True)
        threading.Event().wait()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="signals, and processes by their files")
def test_the_second_ends_the_process_and_its_workers():
    with start("-c", BUSY) as process:
        worker = Path("/proc") / process.stdout.readline().strip()
        assert worker.exists()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "cleaning\n"
        process.send_signal(signal.SIGINT)
        done = ended(process)
    assert (done.returncode, done.stdout, done.stderr) == (INTERRUPTED, "", f"{AT_ONCE}\n")
    until(lambda: not worker.exists())


def test_a_worker_whose_parent_ends_while_it_begins_says_nothing():
    serves = "from optbench.running.worker import serve; serve()"
    done = ended(start("-c", serves, stdin=subprocess.DEVNULL))
    assert (done.returncode, done.stderr) == (0, "")


def changed(*words):
    """A library that makes an error of its own of it."""
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise ImportError("initialization failed") from None


@pytest.mark.parametrize("meets", [lambda *words: signal.raise_signal(signal.SIGINT), changed])
def test_a_command_that_knows_no_better_says_that_it_stopped(monkeypatch, capsys, meets):
    monkeypatch.setattr("optbench.results.archives.pack", meets)
    with pytest.raises(SystemExit) as stop:
        main(["pack", "somewhere", "--out", "a.sqlite.xz"])
    assert (stop.value.code, *capsys.readouterr()) == (INTERRUPTED, "", "stopped\n")
