"""Figures that cannot be drawn: the page says so in their place, the error output too, and the exit status is 3."""

import pytest

from optbench import cli
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
"""


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    (tmp_path / "suite.toml").write_text(SUITE)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = cli.guarded(lambda: cli._invoke(list(arguments)))
        return status, capsys.readouterr()

    return call


RUN = ("run", "suite.toml", "--engine", "serial", "--out", "out")
TRAIN = ("train", "--suite", "suite.toml", "--workload", "bowl", "--optimizer", "sgd", "--out")


def test_a_figure_that_cannot_be_drawn_has_an_exit_status(call, tmp_path, monkeypatch):
    assert call(*RUN)[0] == 0
    assert "could not be drawn" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    def svg(figure):
        raise RuntimeError("no ink\x1b[31m\u202e")

    monkeypatch.setattr(formats, "svg", svg)
    for arguments, page in (
        (RUN, "out/report.html"),
        (("report", "out"), "out/report.html"),
        ((*TRAIN, "trained"), "trained/train.html"),
    ):
        status, told = call(*arguments)
        assert status == 3, arguments
        assert r"could not be drawn: RuntimeError: no ink\x1b[31m\u202e" in told.out + told.err
        assert "\x1b" not in told.out + told.err
        text = (tmp_path / page).read_text(encoding="utf-8")
        assert r"could not be drawn: RuntimeError: no ink\x1b[31m\u202e" in text
        assert "\u202e" not in text


def test_trials_that_failed_are_told_before_figures(call, monkeypatch):
    def svg(figure):
        raise RuntimeError("no ink")

    monkeypatch.setattr(formats, "svg", svg)
    assert call(*RUN, "--timeout", "1e-9")[0] == 1
