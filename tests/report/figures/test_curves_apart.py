import numpy as np

from optbench.report import figures
from optbench.report.pictures.style import FAINT

from .drawn import draw


def test_each_candidate_has_a_panel_with_the_others_in_grey_on_the_same_axes(few):
    curves = few.curves[few.curves["workload"] == "digits-mlp"]
    trials = few.trials[few.trials["workload"] == "digits-mlp"]
    figure = figures.curves_apart(curves, trials, order=["adam", "sgd"])
    draw(figure)
    one, other = figure.axes
    assert [axis.get_title(loc="left") for axis in (one, other)] == ["adam", "sgd"]
    assert one.get_ylim() == other.get_ylim()
    final = curves[(curves["phase"] == "final") & (curves["candidate"] == "adam")]
    median = final.groupby("step")["validation_metric"].median().to_numpy()
    own = next(line for line in one.lines if line.get_linewidth() == 1.8)
    np.testing.assert_allclose(own.get_ydata(), median)
    (grey,) = (line for line in other.lines if line.get_color() == FAINT)
    np.testing.assert_allclose(grey.get_ydata(), median)
    for axis in (one, other):  # the target
        assert any(list(line.get_ydata()) == [0.95, 0.95] for line in axis.lines)


def test_without_runs_it_says_so(few):
    assert "No final run" in figures.curves_apart(few.curves.iloc[:0], few.trials.iloc[:0]).texts[0].get_text()
