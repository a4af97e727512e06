"""`optbench figures`: the pictures of the page and of `results.plot` as files, when somebody asks."""

import pytest

import optbench
from optbench import cli
from optbench.report import figures as drawn
from optbench.report.pictures import formats

SUITE = """
title = "T"
seeds = 2
[tuning]
method = "none"
[[workloads]]
name = "bowl"
function = "quadratic"
steps = 10
[[candidates]]
name = "sgd"
optimizer = { name = "sgd", lr = 0.1 }
[[candidates]]
name = "adam"
optimizer = { name = "adam", lr = 0.1 }
"""
BEGINS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF-"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    (folder / "suite.toml").write_text(SUITE)
    return optbench.run(folder / "suite.toml", "serial", folder / "out")


@pytest.fixture
def call(capsys):
    def call(*arguments):
        status = cli.guarded(lambda: cli._invoke(list(map(str, arguments))))
        return status, capsys.readouterr()

    return call


def test_all_pictures_of_the_page_are_written_in_all_formats(call, run, tmp_path):
    status, told = call("figures", run.folder, "--out", tmp_path / "made")
    assert status == 0
    page = {path.stem for path in (run.folder / "figures").iterdir()}
    assert page == {name.replace("_", "-") for name in dir(run.plot)}
    files = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    assert set(files) == {f"{name}.{kind}" for name in page for kind in BEGINS}
    assert all(content.startswith(BEGINS[name[-3:]]) for name, content in files.items())
    for path in (run.folder / "figures").iterdir():
        assert files[path.name] == path.read_bytes()  # the page's own
    assert told.out == f"figures: {tmp_path / 'made'} ({len(files)} files)\n"


def test_one_picture_in_one_format(call, run, tmp_path, monkeypatch):
    others = []
    monkeypatch.setattr(drawn, "leaderboard", lambda *a, **k: others.append(a))
    status, _ = call("figures", run.folder, "--format", "pdf", "--name", "learning-curves", "--out", tmp_path)
    assert status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["learning-curves.pdf"]
    assert not others  # only what was asked for is drawn


def test_what_is_written_into_the_runs_folder_the_next_page_links_to(call, run):
    assert call("figures", run.folder, "--format", "png", "--name", "time-to-target")[0] == 0
    page = run.folder / "report.html"
    assert "figures/time-to-target.png" not in page.read_text(encoding="utf-8")
    assert call("report", run.folder)[0] == 0
    assert 'href="figures/time-to-target.png"' in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_report_writes_all_formats_where_they_are_asked_for(call, run, tmp_path):
    assert call("report", run.path, "--out", tmp_path / "page.html")[0] == 0
    assert {path.suffix for path in (run.folder / "figures").iterdir()} >= {".svg"}
    assert call("report", run.folder, "--figures")[0] == 0
    stems = {path.stem for path in (run.folder / "figures").iterdir()}
    names = {path.name for path in (run.folder / "figures").iterdir()}
    assert names == {f"{stem}.{kind}" for stem in stems for kind in BEGINS}


def test_wrong_words_are_one_message(call, run, tmp_path):
    status, told = call("figures", run.folder, "--name", "learning-curve")
    assert (status, told.err) == (
        2, "error: these results have no picture 'learning-curve'; did you mean 'learning-curves'?\n",
    )  # fmt: skip
    assert call("figures", run.folder, "--format", "jpg")[0] == 2
    (tmp_path / "taken").write_text("")
    status, told = call("figures", run.folder, "--out", tmp_path / "taken")
    assert status == 2
    assert told.err.startswith(f"error: cannot write the figures to {tmp_path / 'taken'}")


def test_a_picture_that_cannot_be_drawn_does_not_keep_the_others(call, run, tmp_path, monkeypatch):
    def save_pdf(figure, path):
        if path.stem == "time-to-target":
            raise RuntimeError("no ink")
        path.write_bytes(b"")

    monkeypatch.setattr(formats, "save_pdf", save_pdf)
    status, told = call("figures", run.folder, "--format", "pdf", "--out", tmp_path)
    assert status == 3
    assert "warning: figure time-to-target could not be drawn: RuntimeError: no ink" in told.err
    assert "learning-curves.pdf" in {path.name for path in tmp_path.iterdir()}
