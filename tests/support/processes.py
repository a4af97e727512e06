"""Programs in processes of their own. Tests wait for what these do; the only time there is ends what hangs."""

import io
import os
import signal
import subprocess
import sys
import time
from contextlib import chdir, redirect_stderr, redirect_stdout

#: Seconds after which a test counts as hanging. No test on a busy machine comes near.
HANG = 300


def _as_from_a_terminal():
    """Where tests run in the background of a script SIGINT is ignored, and every child would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Program(subprocess.Popen):
    """A process that does not outlive a test that fails."""

    def __exit__(self, *error):
        if any(error):
            self.kill()
        super().__exit__(*error)


def start(*words, path=(), env=(), through=(), **more):
    """`python` with these words, its output and errors as text in pipes; `more` is for `subprocess.Popen`.

    path    folders that stand first on Python's path
    env     variables on top of this process's
    through words before, of a program that ends up in this one
    """
    paths = os.pathsep.join([*map(str, path), *filter(None, [os.environ.get("PYTHONPATH")])])
    if os.name == "posix":
        more["preexec_fn"] = _as_from_a_terminal
    return Program(
        [*through, sys.executable, *map(str, words)],
        env={**os.environ, "PYTHONPATH": paths, **dict(env)}, text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
    )  # fmt: skip


def start_optbench(*words, **more):
    return start("-m", "optbench.cli", *words, **more)


def ended(process):
    """Wait for its end: exit status, output and errors as of `subprocess.run`."""
    with process:
        output, errors = process.communicate(timeout=HANG)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def run_optbench(*words, **more):
    """What a call of the command line ended with."""
    return ended(start_optbench(*words, **more))


def run_here(*words, cwd):
    """The same in this process, where it does not matter which: to start one and to import takes a second."""
    from optbench.cli import main

    words, status = [*map(str, words)], 0
    with chdir(cwd), redirect_stdout(io.StringIO()) as output, redirect_stderr(io.StringIO()) as errors:
        try:
            main(words)
        except SystemExit as stop:
            status = stop.code
    return subprocess.CompletedProcess(words, status, output.getvalue(), errors.getvalue())


def until(look):
    """What `look` gives, as soon as it gives anything."""
    start = time.monotonic()
    while not (found := look()):
        assert time.monotonic() < start + HANG, "waited in vain"
        time.sleep(0.02)
    return found


def sleeper(path):
    """Wait until a process sleeps that says so in this file, and give its number."""
    return until(lambda: path.exists() and path.read_text().endswith("\n") and int(path.read_text().split()[-1]))
