"""Archives: smaller, and every table as before; what is no archive is refused."""

import lzma
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import optbench
from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError
from optbench.referee.synthetic import synthetic_store
from optbench.registry.registry import registry
from optbench.results import archives
from optbench.results.archives import opened, pack, thin
from optbench.results.results import Results
from optbench.store.store import Store
from optbench.suite import load
from optbench.trials.trial import Run, Trial


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    synthetic_store(folder, 3, 2, seeds=3, trials=4)
    size = pack(folder, folder / "few.sqlite.xz")
    assert size == (folder / "few.sqlite.xz").stat().st_size < (folder / "store.sqlite").stat().st_size / 2
    return folder / "few.sqlite.xz"


def test_tables_are_as_before(archive):
    before = Results(archive.parent)
    with opened(archive) as path:
        after = Results(path)
        pd.testing.assert_frame_equal(after.trials, before.trials)
        pd.testing.assert_frame_equal(after.measurements("final"), before.measurements("final"))
        pd.testing.assert_frame_equal(after.costs, before.costs)
        assert after.leaderboard().equals(before.leaderboard())
        assert (after.suite, after.environment, after.title) == (before.suite, before.environment, before.title)
        assert len(after.measurements("tune")) < 0.6 * len(before.measurements("tune"))
        with Store(path, readonly=True) as copy, Store(before.path, readonly=True) as store:
            assert copy.selected() == store.selected()
            for key in store.finished():
                assert copy.origin(key) == store.origin(key)
    assert not path.exists()


def test_what_a_name_stands_for(archive, tmp_path):
    with opened(archive.parent) as path:
        assert path == archive.parent / "store.sqlite"
    with opened(archive.parent / "store.sqlite") as path:
        assert path == archive.parent / "store.sqlite"
    (tmp_path / archive.name).write_bytes(archive.read_bytes())
    with opened(tmp_path) as path:  # a folder with nothing but an archive
        assert Results(path).title == Results(archive.parent).title


@pytest.mark.parametrize("name", ["nothing.sqlite.xz", "reference", "nowhere"])
def test_what_is_not_there(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptbenchError), opened(name, "no-such-suite"):
        pass


def test_what_is_no_archive_or_too_much(archive, tmp_path, monkeypatch):
    for content in (b"", b"x" * 500, archive.read_bytes()[:-300]):
        bad = tmp_path / "bad.sqlite.xz"
        bad.write_bytes(content)
        with pytest.raises(OptbenchError, match=r"bad\.sqlite\.xz"), opened(bad):
            pass
    monkeypatch.setattr(archives, "LARGEST", 10_000)
    bad.write_bytes(lzma.compress(bytes(10**6)))
    with pytest.raises(OptbenchError, match="more than"), opened(bad):
        pass
    with pytest.raises(OptbenchError, match=r"ends with \.sqlite\.xz"):
        pack(archive.parent, tmp_path / "store.zip")


def test_thinning_keeps_what_tables_use():
    losses = [5, 4, 3.2, 3, 2.9, 2.5, 2.8, *np.linspace(2.7, 1, 93)]
    run = Run("done", tuple(Measurement(i, i, i, i, 0.1, x, 0, x, 0, 0) for i, x in enumerate(losses)), 5, 0.5, 0.5)
    trials = [Trial({"target": {"metric": "validation_loss", "value": v}}, {}, 0, {}) for v in (3.1, 1.5, 0.1)]
    small = thin(run, trials)
    steps = [m.step for m in small.measurements]
    assert {0, 3, 5, 99} <= set(steps)
    assert next(i for i, x in enumerate(losses) if x <= 1.5) in steps
    assert small.measurements[small.kept].step == 5
    assert len(steps) < 15
    assert steps == sorted(steps)
    empty = Run("error", test_loss=1.0, test_metric=0.5)  # numbers: from Python 3.13 on, nan makes two runs unequal
    assert thin(empty, trials) == empty


def test_a_reference_of_no_suite_where_several_have_some(monkeypatch):
    quick = registry().references["quick"]
    monkeypatch.setattr(registry(), "references", {"quick": quick, "other": quick})
    with pytest.raises(OptbenchError, match="say reference/other or reference/quick"):
        archives.shipped(None)
    with pytest.raises(OptbenchError, match="of suite 'quik'; did you mean 'quick'"):
        archives.shipped("quik")


def test_the_reference_of_quick_is_small_and_whole():
    quick = load("quick", registry())
    with archives.shipped("quick") as paths:
        assert {path.name for path in paths} == {f"{w.name}.sqlite.xz" for w in quick.workloads}
        assert sum(path.stat().st_size for path in paths) < 500_000
    with opened("reference", "quick") as path:
        results = Results(path)
        assert len(results.trials) == len(quick.candidates) * len(quick.workloads) * (quick.tuning.trials + quick.seeds)
        assert results.trials["outcome"].isin(["done", "diverged", "stopped"]).all()
        assert results.environment["plugins"] == [f"optbench {results.environment['packages']['optbench']}"]
    with opened("reference/quick", workloads=["spirals-mlp"]) as path:
        assert {*Results(path).trials["workload"]} == {"spirals-mlp"}


@pytest.mark.slow
def test_the_reference_is_in_the_wheel_and_works_outside_a_checkout(tmp_path):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(root)]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "OPTBENCH_PLUGINS": "optbench"}
    say = "import optbench, optbench_suites; print(optbench.__file__, optbench_suites.__file__)"
    more = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True}
    where = subprocess.run([sys.executable, "-c", say], check=True, **more).stdout.split()
    assert all(path.startswith(str(tmp_path / "site")) for path in where)
    limits = ["--candidate", "adan", "--workload", "spirals-mlp", "--against", "reference", "--no-report"]
    run = [sys.executable, "-m", "optbench.cli", "run", "quick", *limits, "--engine", "serial", "--out", "mine"]
    answer = subprocess.run(run, **more)
    assert answer.returncode == 0, answer.stderr
    assert "stored results, not run here" in answer.stdout
    assert len(Results(tmp_path / "mine").leaderboard()) == 8


@pytest.mark.slow
def test_the_reference_is_that_of_the_suite_as_it_is(tmp_path):
    """Whoever changes `quick` or the built-ins makes it again: `.ci/reference`."""
    results = optbench.run(
        "quick", "serial", tmp_path, candidates=["adan"], workloads=["spirals-mlp"], against="reference", report=False
    )
    assert set(results.trials["candidate"]) == {*results.reference["candidates"], "adan"}
    assert len(results.reference["candidates"]) == 7
    assert results.reference["notes"] == [] or "numpy" in str(results.reference["notes"])
    board = results.leaderboard()
    assert len(board) == 8
    assert board["seconds_ratio"].notna().sum() >= 7
