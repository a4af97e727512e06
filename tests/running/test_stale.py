"""Results that belong to other code, other data or other limits are not shown as if they were new."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

PLUGIN = '''
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from optbench import Data, Dataset, Optimizer, hookimpl, hyper


@dataclass(frozen=True)
class Mine(Optimizer):
    name = "mine"
    lr: float = hyper(0.1, low=1e-3, high=1, scale="log")

    def step(self, params, grads, state, context):
        params -= self.lr * grads


@dataclass(frozen=True)
class Table(Dataset):
    name = "table"
    path: str = "table.csv"

    def load(self, rng):
        rows = np.loadtxt(Path(self.path), delimiter=",")
        return Data(rows[:, 1:], rows[:, 0].astype(int))


@hookimpl
def optbench_optimizers():
    return [Mine]


@hookimpl
def optbench_datasets():
    return [Table]
'''
SUITE = """
title = "T"
seeds = 3
[tuning]
method = "none"
[[workloads]]
name = "rows"
dataset = "table"
network = { kind = "mlp", hidden = [4] }
epochs = 2
batch_size = 16
[[candidates]]
name = "mine"
optimizer = { name = "mine", lr = 0.1 }
[[candidates]]
name = "sgd"
optimizer = { name = "sgd", lr = 0.1 }
"""


@pytest.fixture
def place(tmp_path):
    """A folder with a plugin that is installed from its source, its data and a suite."""
    (tmp_path / "mine.py").write_text(PLUGIN, encoding="utf-8")
    info = tmp_path / "mine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[optbench]\nmine = mine\n")
    rows = [f"{i % 2},{(i % 2) + i / 97:.6f},{i % 7}" for i in range(80)]
    (tmp_path / "table.csv").write_text("\n".join(rows))
    (tmp_path / "suite.toml").write_text(SUITE)
    return tmp_path


@pytest.fixture
def run(place):
    """Runs the suite, and gives what is printed, the streams together, and the exit status."""

    def run(*options, engine="serial"):
        path = os.pathsep.join([str(place), *filter(None, sys.path)])
        words = ["run", "suite.toml", "--engine", engine, "--out", "out", "--no-report", *options]
        # Sources are edited within a second, and to the same size: what was compiled of them would count as theirs.
        done = subprocess.run(
            [sys.executable, "-m", "optbench.cli", *words], cwd=place,
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        return done.stdout, done.returncode

    return run


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def resumed(text):
    """(trials kept, run again, why) as the line of a resumed run says."""
    (line,) = re.findall(r"resuming .*", text)
    kept, again, why = re.fullmatch(
        r"resuming \S+: (\d+) finished trials are kept and not run again(?:, (\d+) are run again: (.*))?", line
    ).groups()
    return int(kept), int(again or 0), why or ""


def table(place):
    """{candidate: its losses} of the plan in the store."""
    with closing(sqlite3.connect(place / "out" / "store.sqlite")) as db, db:
        rows = db.execute("SELECT candidate, numbers FROM assignments JOIN runs USING (key) ORDER BY candidate, number")
        found = {}
        for candidate, numbers in rows.fetchall():
            found.setdefault(candidate, []).append(numbers)
    db.close()
    return found


def test_an_edit_of_the_source_runs_its_own_trials_again(place, run):
    assert run()[1] == 0
    before = table(place)
    change(place / "mine.py", "params -= self.lr", "# downhill\n        params -= self.lr")
    assert resumed(run()[0]) == (6, 0, "")
    change(place / "mine.py", "params -= self.lr", "params += self.lr")
    assert resumed(run()[0]) == (3, 3, "mine: its source changed")
    after = table(place)
    assert after["sgd"] == before["sgd"]
    assert not set(after["mine"]) & set(before["mine"])


def test_a_mended_bug_is_no_bug_any_more(place, run):
    change(place / "mine.py", "params -= self.lr * grads", "params -= self.rate * grads")
    text, status = run()
    assert status == 1
    assert "has no attribute 'rate'" in text
    change(place / "mine.py", "self.rate", "self.lr")
    text, status = run()
    assert resumed(text)[1:] == (3, "mine: its source changed")
    assert status == 0
    assert "attribute" not in text


@pytest.mark.slow
def test_other_rows_behind_a_name_are_other_data(place, run):
    run()
    before = table(place)
    lines = (place / "table.csv").read_text().splitlines()
    labels = [line[0] for line in lines]
    moved = [label + line[1:] for label, line in zip(labels[1:] + labels[:1], lines, strict=True)]
    (place / "table.csv").write_text("\n".join(moved))
    assert resumed(run()[0]) == (0, 6, "table: its data changed")
    assert not {b for runs in table(place).values() for b in runs} & {b for runs in before.values() for b in runs}


@pytest.mark.slow
def test_a_longer_limit_gives_another_try(place, run):
    change(place / "mine.py", "        params -=", "        import time; time.sleep(0.2)\n        params -=")
    text, status = run("--timeout", "0.3", "--candidate", "mine", engine="local:2")
    assert status == 1
    assert "timeout" in text
    assert resumed(run("--timeout", "0.2", "--candidate", "mine", engine="local:2")[0]) == (3, 0, "")
    text, status = run("--timeout", "600", "--candidate", "mine", engine="local:2")
    assert resumed(text)[1:] == (3, "the time limit is 600 s, was 0.3 s")
    assert status == 0
    assert resumed(run("--candidate", "mine", engine="local:2")[0]) == (3, 0, "")


@pytest.mark.slow
def test_retry_asks_for_all_that_failed(place, run):
    change(place / "mine.py", "params -= self.lr * grads", "raise ValueError(open('why.txt').read())")
    (place / "why.txt").write_text("first")
    assert "first" in run()[0]
    (place / "why.txt").write_text("second")
    assert resumed(run()[0]) == (6, 0, "")
    text, _ = run("--retry", "failed")
    assert resumed(text) == (3, 3, "--retry failed")
    assert "second" in text
    text, status = run("--retry", "fialed")
    assert status == 2
    assert "did you mean 'failed'" in text


@pytest.mark.slow
def test_a_missing_package_may_have_come(place, run):
    change(place / "mine.py", "params -= self.lr", "import absent_helper\n        params -= self.lr")
    assert "absent_helper" in run()[0]
    (place / "absent_helper.py").write_text("")
    text, status = run()
    assert status == 0
    assert resumed(text)[1] == 3


@pytest.mark.slow
def test_another_environment_is_said_and_may_be_refused(place, run):
    run()
    with closing(sqlite3.connect(place / "out" / "store.sqlite")) as db, db:  # as if an older NumPy had made it
        db.execute("""UPDATE texts SET text = replace(text, '"numpy":"', '"numpy":"0.') WHERE text LIKE '%"numpy":%'""")
    db.close()
    text, status = run("--strict-environment")
    assert status == 2
    assert "--strict-environment: 6 trials were made with packages.numpy 0." in text
    text, status = run()
    assert status == 0
    assert "warning: 6 trials were made with packages.numpy 0." in text


@pytest.mark.slow
def test_a_store_of_older_keys_is_run_again_with_a_word(place, run):
    run()
    with closing(sqlite3.connect(place / "out" / "store.sqlite")) as db, db:
        db.execute("INSERT OR IGNORE INTO texts (text) VALUES ('{}')")
        db.execute("UPDATE trials SET sources = (SELECT id FROM texts WHERE text = '{}')")
        for name in ("trials", "runs", "assignments"):
            db.execute(f"UPDATE {name} SET key = 'old' || substr(key, 4)")
    db.close()
    text, status = run()
    assert status == 0
    assert resumed(text) == (0, 6, "their keys are of an older kind, which knew neither code nor data")


def test_an_edit_while_a_run_goes_on_stops_it(place, run):
    """A worker that is started later would import other code than the keys were made of."""
    text = "params -= self.lr"
    edit = "p = Path(__file__); p.write_text(p.read_text().replace('0.1', '0.2')); __import__('os')._exit(3)"
    change(place / "mine.py", text, f"{edit}\n        {text}")
    said, status = run("--candidate", "mine", engine="local:1")
    assert status == 2
    assert "the source of optimizer mine is not the one that this run was planned with" in said
