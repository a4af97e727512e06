"""The plugin of `hostile_optimizers.py` installed, and short trials with its optimizers."""

import shutil
from dataclasses import replace
from pathlib import Path

from optbench.registry.registry import registry
from optbench.suite import parse
from optbench.tuning import study
from support.suites import bowl, candidate, suite


def install(folder, version="1.0"):
    """Install the distribution hostile-optimizers into a folder, which then belongs on a Python path; gives it."""
    shutil.copy(Path(__file__).with_name("hostile_optimizers.py"), folder)
    info = folder / "hostile_optimizers.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: hostile-optimizers\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("[optbench]\nhostile = hostile_optimizers\n")
    return folder


def descents():
    """Three short trials of gradient descent, which differ in their seeds."""
    text = suite(
        bowl(steps=20), candidate("sgd", optimizer={"name": "sgd", "lr": 0.1}), seeds=3, tuning={"method": "none"}
    )
    found = parse(text, "x.toml", registry())
    (batch,) = study(found, found.workloads[0], found.candidates[0], 0, registry())
    return [assignment.trial for assignment in batch.assignments]


def broken(trials, name):
    """The same trials with another optimizer."""
    return [replace(t, components={**t.components, "optimizer": {"name": name}}) for t in trials]


def plain(runs):
    """What can be compared of runs: all but seconds."""
    curves = [[(m.step, m.train_loss, repr(m.gradient_norm)) for m in r.measurements] for r in runs]
    return [(r.outcome, r.kept, repr(r.test_loss), curve) for r, curve in zip(runs, curves, strict=True)]
