"""A training read back from its folder, its curves as files, and several of them compared."""

import json
import re
import shutil
from functools import partial

import numpy as np
import pandas as pd
import pytest

import optbench
from optbench import OptbenchError, report
from optbench.cli import main
from optbench.lab import watch
from optbench.lab.single import trial
from optbench.lab.watched import read
from optbench.registry.registry import registry
from optbench.report.figures.watched import compared_panels
from optbench.report.page.compared import differing, named, notes_on
from optbench.training import checkpoint
from support.suites import candidate, moons, suite, valley

SUITE = suite(
    moons("points", samples=150, hidden=[6, 4], initializer="he", batch_size=16, epochs=4, evaluate_every=5),
    moons("more", samples=150, hidden=[6], initializer="he", batch_size=16, epochs=2, evaluate_every=5),
    valley(steps=60, evaluate_every=10), candidate("sgd"),
)  # fmt: skip


PRECISE = partial(pd.read_json, precise_float=True)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Trainings of every kind of end, made once."""
    place = tmp_path_factory.mktemp("trainings")
    file = place / "small.toml"
    file.write_text(SUITE)
    copied, watch.COPY_SHARE = watch.COPY_SHARE, np.inf

    def begin(name, workload="points", **more):
        return watch.begin(place / name, trial(registry(), workload, str(file), **more), registry())

    def quiet(session):
        pass

    watch.go(begin("adam"), quiet)
    watch.go(watch.resume(place / "adam", {"lr": 0.5, "epochs": 6}, registry()), quiet)
    watch.go(begin("sgd", optimizer="sgd", seed=2), quiet)
    watch.go(begin("far", optimizer="sgd", settings={"lr": 1e30}), quiet)
    watch.go(begin("other", "more"), quiet)
    watch.go(begin("valley", "valley"), quiet)
    running = begin("running")
    running.note()
    generator = watch.train(running.training)
    for _ in range(3):
        next(generator)
        running.note()
    running.remember(always=True)
    running.save()
    generator.close()
    watch.COPY_SHARE = copied
    return place


def test_what_is_read_from_the_folder_is_what_was_watched(folders, tmp_path):
    session = watch.begin(tmp_path / "t", trial(registry(), "points", str(folders / "small.toml")), registry())
    run = watch.go(session, lambda session: None)
    found, live = read(tmp_path / "t"), session.watched()
    assert (found.outcome, found.step, found.budget, found.metric) == ("done", 20, 20, "accuracy")
    assert found.test == live.test == (run.test_loss, run.test_metric)
    table = [list(vars(m).values()) for m in found.history]
    np.testing.assert_array_equal(table, [list(vars(m).values()) for m in run.measurements])
    assert found.norms == live.norms
    params, layout = session.row.params.astype(float), session.training.problem.layout
    expected = [np.sqrt((params[t.slice] ** 2).sum()) for t in layout]
    np.testing.assert_allclose(found.norms.values[-1], expected, rtol=1e-12)
    np.testing.assert_allclose(found.norms.whole()[-1], np.sqrt((params**2).sum()), rtol=1e-12)


def test_the_page_drawn_again_is_the_page(folders, tmp_path):
    session = watch.begin(tmp_path / "t", trial(registry(), "points", str(folders / "small.toml")), registry())
    watch.go(session, lambda session: None)
    first = report.write_training(session.watched()).read_bytes()
    assert report.write_training(optbench.watched(tmp_path / "t")).read_bytes() == first


def test_a_diverged_training_keeps_its_end_beside_its_healthy_checkpoint(folders):
    found = read(folders / "far")
    assert found.outcome == "diverged"
    assert found.step > found.step_saved
    assert found.history[-1].step == found.step
    assert checkpoint.load(folders / "far" / watch.CHECKPOINT)["training"]["step"] == found.step_saved


def test_a_checkpoint_of_before_is_read_and_lacks_only_what_it_has_not(folders, tmp_path):
    shutil.copytree(folders / "adam", tmp_path / "old")
    path = tmp_path / "old" / watch.CHECKPOINT
    state = checkpoint.load(path)
    for field in ("norms", "end", "metric", "steps"):
        del state[field]
    checkpoint.save(path, state)
    found = read(tmp_path / "old")
    assert found.outcome == "done"
    assert found.curves["weight_norm"].isna().all()
    assert len(found.history) == len(read(folders / "adam").history)
    told = notes_on({"new": read(folders / "adam"), "old": found})
    assert any(re.match("old has no record of: .*norm of all parameters, norm of each weight tensor", t) for t in told)


# ------------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("format", ["csv", "parquet", "json"])
def test_curves_as_files_have_every_number(folders, tmp_path, format):
    if format == "parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"curves.{format}"
    with pytest.raises(SystemExit) as stop:
        main(["export", str(folders / "adam"), "--format", format, "--out", str(out)])
    assert stop.value.code == 0
    table = {"csv": pd.read_csv, "parquet": pd.read_parquet, "json": PRECISE}[format](out)
    found = read(folders / "adam")
    assert table["step"].tolist() == [m.step for m in found.history]
    for field in ("train_loss", "validation_metric", "rate", "gradient_norm"):
        np.testing.assert_allclose(table[field].astype(float), [getattr(m, field) for m in found.history], rtol=1e-12)
    names = [f"norm.{name}" for name in found.norms.names]
    np.testing.assert_allclose(table[names], found.norms.values, rtol=1e-12)
    (changed,) = [(s, c) for s, c in zip(table["step"], table["changed"], strict=True) if isinstance(c, str) and c]
    assert changed[0] == 20
    assert json.loads(changed[1]) == {"optimizer.lr": [0.001, 0.5], "epochs": [4, 6]}


def test_load_says_what_reads_a_training(folders):
    with pytest.raises(OptbenchError, match=r"adam holds a training of `optbench train`: optbench.watched\(...\)"):
        optbench.load(folders / "adam")


# ----------------------------------------------------------------------------------------------------------- compared


def called(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([*map(str, words)])
    return stop.value.code, capsys.readouterr()


def test_several_on_one_page_with_all_that_must_be_known(folders, tmp_path, capsys):
    names = ["adam", "sgd", "far", "other", "valley", "running"]
    status, output = called(capsys, "train", "--compare", *(folders / n for n in names), "--out", tmp_path)
    assert status == 0
    assert output.out.splitlines()[-1] == f"page: {tmp_path / 'compare.html'}"
    assert [line.partition(":")[0] for line in output.out.splitlines()[:-1]] == names
    page = (tmp_path / "compare.html").read_text()
    for said in (
        "trainings of different workloads (adam: points, sgd: points, far: points, other: more, valley: valley, runn",
        "The seeds differ (adam: 1, sgd: 2,",
        "far: Diverged at step",
        "running is not at its end: still training, or cut off. Its checkpoint is",
        "seconds old and of step 10.",
        "valley has no record of: validation loss, training accuracy, validation accuracy",
        "The networks differ",
    ):
        assert said in output.err
        assert said in page
    table = pd.read_csv(tmp_path / "compare.csv")
    assert table.groupby("training").size().to_dict() == {n: len(read(folders / n).history) for n in names}
    assert (tmp_path / "compare.svg").read_text().startswith("<?xml")


def test_the_curves_drawn_are_the_measurements(folders):
    trainings = named([read(folders / "adam"), read(folders / "sgd")])
    figure = report.compared_curves(trainings)
    panels = {axis.get_title(loc="left"): axis for axis in figure.axes}
    assert list(panels) == [one.title for one in compared_panels(trainings)]
    fields = {"training loss": "train_loss", "learning rate": "rate", "gradient norm": "gradient_norm"}
    for title, field in fields.items():
        for line, training in zip(panels[title].lines, trainings.values(), strict=False):
            values = np.array([getattr(m, field) for m in training.history])
            np.testing.assert_array_equal(line.get_ydata(), values[np.isfinite(values)])
    layers = panels["norm of each weight tensor, at the end"].lines
    for line, training in zip(layers, trainings.values(), strict=True):
        weights = [k for k, role in enumerate(training.norms.roles) if role == "weight"]
        np.testing.assert_array_equal(line.get_ydata(), np.array(training.norms.values[-1])[weights])
    for title, axis in panels.items():
        rules = [line for line in axis.lines if len(set(line.get_xdata())) == 1 and line.get_ydata() == [0, 1]]
        assert [line.get_xdata()[0] for line in rules] == ([20] if "tensor" not in title else [])


def test_settings_that_differ_are_told_and_no_others(folders):
    found = dict(differing(named([read(folders / "adam"), read(folders / "sgd")])))
    assert found["optimizer"] == ["adam", "sgd"]
    assert found["optimizer.lr"][0] == "0.5"
    assert found["epochs"] == ["6", "4"]
    assert found["seed"] == ["1", "2"]
    assert "batch_size" not in found


def test_names_are_as_short_as_tells_folders_apart(folders, tmp_path):
    for place in ("x/run", "y/run"):
        shutil.copytree(folders / "sgd", tmp_path / place)
    assert list(named([read(tmp_path / "x/run"), read(tmp_path / "y/run")])) == ["x/run", "y/run"]
    with pytest.raises(OptbenchError, match="this training is given twice"):
        named([read(folders / "sgd"), read(folders / "adam" / ".." / "sgd")])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--compare"], "give two folders of `optbench train` or more"),
        (["--compare", "adam"], "give two folders of `optbench train` or more"),
        (["--compare", "adam", "nowhere", "small.toml"], "nowhere: there is no such folder; small.toml: not a folder"),
        (["--compare", "adam", "."], "not the folder of an `optbench train`: it holds no checkpoint.npz"),
        (["--compare", "adam", "sgd", "--seed", "3"], "--compare trains nothing: leave out --seed"),
        (["adam"], "adam: folders are what --compare DIR DIR… takes"),
    ],
)
def test_wrong_folders_are_one_message(folders, capsys, monkeypatch, words, message):
    monkeypatch.chdir(folders)
    status, output = called(capsys, "train", *words)
    assert status == 2
    assert re.search(message, output.err)
    assert output.err.count("\n") == 1
    assert not (folders / "compare.html").exists()


def test_report_of_a_training_and_what_it_does_not_take(folders, capsys, tmp_path):
    status, output = called(capsys, "report", folders / "sgd", "--out", tmp_path / "page.html")
    assert status == 0
    assert output.out == f"Trained for 20 steps.\nreport: {tmp_path / 'page.html'}\n"
    status, output = called(capsys, "report", folders / "sgd", "--against", folders / "adam")
    assert status == 2
    assert "optbench train --compare" in output.err
