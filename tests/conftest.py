"""Optimizers that do everything wrong, as an installed plugin, for tests of whoever must survive them."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

# No test asserts a time: on a busy machine a law would fail for being slow.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

BOWL = """
title = "T"
seeds = 3
[tuning]
method = "none"
[[workloads]]
name = "bowl"
function = "quadratic"
steps = 20
[[candidates]]
name = "sgd"
optimizer = { name = "sgd", lr = 0.1 }
"""


@pytest.fixture(scope="session")
def install_hostile():
    """Installs the distribution hostile-optimizers 1.0 into a folder, which then belongs on a Python path."""

    def install(folder, version="1.0"):
        shutil.copy(Path(__file__).with_name("hostile_optimizers.py"), folder)
        info = folder / "hostile_optimizers.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: hostile-optimizers\nVersion: {version}\n")
        (info / "entry_points.txt").write_text("[optbench]\nhostile = hostile_optimizers\n")

    return install


@pytest.fixture(scope="session")
def trials():
    """Three short trials of gradient descent, which differ in their seeds."""
    from optbench.registry.registry import registry
    from optbench.suite import parse
    from optbench.tuning import study

    suite = parse(BOWL, "x.toml", registry())
    (batch,) = study(suite, suite.workloads[0], suite.candidates[0], 0, registry())
    return [assignment.trial for assignment in batch.assignments]


@pytest.fixture(scope="session")
def broken():
    """Makes of trials the same with another optimizer."""

    def broken(trials, name):
        return [replace(t, components={**t.components, "optimizer": {"name": name}}) for t in trials]

    return broken


@pytest.fixture(scope="session")
def plain():
    """Makes of runs what can be compared: all but seconds."""

    def plain(runs):
        curves = [[(m.step, m.train_loss, repr(m.gradient_norm)) for m in r.measurements] for r in runs]
        return [(r.outcome, r.kept, repr(r.test_loss), curve) for r, curve in zip(runs, curves, strict=True)]

    return plain


@pytest.fixture(scope="session")
def sleeping():
    """Waits until a process sleeps that says so in a file, and gives its number."""

    def sleeping(path):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if path.exists() and path.read_text().endswith("\n"):
                return int(path.read_text().split()[-1])
            time.sleep(0.01)
        raise AssertionError("nothing sleeps")

    return sleeping
