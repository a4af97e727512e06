"""Decision boundaries come from a run's own trials, trained again."""

from dataclasses import replace

import optbench
from optbench.report import frames
from optbench.report.sections import lesson_planes

SUITE = """
title = "Planes"
seeds = 2
tuning = { method = "none" }

[[workloads]]
name = "moons"
title = "Moons"
dataset = { name = "two-moons", samples = 100 }
network = { kind = "mlp", hidden = [4] }
batch_size = 20
epochs = 3

[[workloads]]
name = "bowl"
function = "quadratic"
steps = 10

[[candidates]]
name = "adam"
optimizer = "adam"
"""


def titles(figure):
    return [axis.get_title(loc="left") for axis in figure.axes]


def test_a_workload_of_two_inputs_and_two_classes_has_a_picture_and_no_other(tmp_path, monkeypatch):
    (tmp_path / "planes.toml").write_text(SUITE)
    results = optbench.run(str(tmp_path / "planes.toml"), out=tmp_path / "out", engine="serial")
    finals, works = frames.finals(results.trials), results.suite["workloads"]
    (picture,) = lesson_planes.boundaries(works, finals, results, "x")
    assert picture.name == "x-boundaries-1"
    (asked,) = picture.draw.args
    ((trial, stored),) = asked.values()
    assert trial.seed == finals["seed"].min()
    assert titles(picture.draw()) == [f"adam: {stored:.2f}"]
    # another training than the stored one is no picture of it
    other = lesson_planes._draw({"adam": (replace(trial, seed=trial.seed + 1), -1.0)})
    assert "does not give its stored result" in other.texts[0].get_text()
    monkeypatch.setattr(lesson_planes, "LONGEST", 0.0)
    assert lesson_planes.boundaries(works, finals, results, "x") == []
