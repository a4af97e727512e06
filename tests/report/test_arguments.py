"""Arguments of the public functions of the report, given what they cannot be: one message that names the argument."""

import inspect

import numpy as np
import pandas as pd
import pytest

from optbench import OptbenchError, load, report
from optbench.referee.synthetic import synthetic_store
from optbench.report.arguments import rule_of
from support.arguments import HOSTILE, refused

FUNCTIONS = {name: getattr(report, name) for name in report.__all__}
CASES = [(name, argument) for name in FUNCTIONS for argument in inspect.signature(FUNCTIONS[name]).parameters]


@pytest.mark.parametrize(("name", "argument"), CASES, ids=[f"{n}-{a}" for n, a in CASES])
def test_what_it_cannot_be_is_refused_by_name(name, argument, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    single = name in ("claims_forest", "claims_overview", "leaderboard_table", "candidate_styles", "leaderboard")
    if single and argument != "styles":
        # nothing else is missing: what was taken runs
        rule = rule_of(name, inspect.signature(FUNCTIONS[name]).parameters[argument])
        assert refused(lambda **given: rule(argument, given[argument]), argument) > len(HOSTILE) // 2
        return
    assert refused(FUNCTIONS[name], argument) > len(HOSTILE) // 2


def test_every_argument_has_a_rule():
    for name, argument in CASES:
        parameter = inspect.signature(FUNCTIONS[name]).parameters[argument]
        assert rule_of(name, parameter), f"{name}({argument}): see report/arguments.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    synthetic_store(folder, ["sgd", "adam"], 2, seeds=4, trials=3)
    return load(folder)


def test_figures_take_what_they_are_made_for(results):
    trials, curves, styles = results.trials, results.curves, report.candidate_styles(("sgd", np.str_("adam")))
    assert report.learning_curves(curves, trials, "train_loss", styles, np.array(["adam", "sgd"])).axes
    assert report.learning_curves(curves, trials, dict.fromkeys(set(trials["workload"]), "train_loss")).axes
    assert report.leaderboard(results.leaderboard(), level={"sgd"}).axes
    assert report.rank_diagram(pd.Series({"adam": 1.0, "sgd": 2.0}), [("adam", "sgd")], np.float64("nan")).axes
    assert report.leaderboard_table(results).row_count == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: report.heat_map("trials"), "trials must be a pandas table, such as results.trials, got 'trials'"),
        (lambda r: report.target_times(r.trials, styles=["sgd"]), "styles must be looks by candidate, such as candida"),
        (lambda r: report.target_times(r.trials, order="sgd"), "order must be a list of names, got 'sgd'"),
        (lambda r: report.learning_curves(r.curves, r.trials, phase="last"), "phase must be 'tune' or 'final', got 'l"),
        (lambda r: report.contour_paths(3, {}), r"function must be a function to draw, such as optbench.get\('rosenbr"),
        (lambda r: report.write(r.trials, "x"), r"results must be results, such as optbench.load\(folder\), got"),
        (lambda r: report.write(r, 3), "folder must be a path, got 3"),
        (lambda r: report.write(r, "x", extra=["a"]), r"extra\[0\] must be a Section of optbench.report.parts, got 'a"),
        (lambda r: report.leaderboard(r.leaderboard(), measures=["x"]), r"measures\[0\] must be \(column, \(low, high"),
    ],
)
def test_what_is_said(results, call, message, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptbenchError, match=message):
        call(results)
    assert not list(tmp_path.iterdir())
