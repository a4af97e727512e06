import numpy as np
import pytest

from optbench.report import figures
from optbench.report.figures.curves import limits
from optbench.report.pictures.inline import panels
from optbench.report.pictures.style import FAINT, candidate_styles, picked_out

from .drawn import draw


def test_learning_curves_show_medians_and_the_target(few):
    figure = figures.learning_curves(few.curves, few.trials, order=["adam", "sgd"])
    axis = figure.axes[0]
    assert axis.get_title(loc="left") == "digits-mlp"
    assert axis.get_ylabel() == "validation accuracy"
    final = few.curves.query("phase == 'final' and workload == 'digits-mlp' and candidate == 'adam'")
    expected = final.groupby("step")["validation_metric"].median().to_numpy()
    assert any(
        len(line.get_ydata()) == len(expected) and np.allclose(line.get_ydata(), expected)
        for line in axis.lines
    )
    assert any(list(line.get_ydata()) == [0.95, 0.95] for line in axis.lines)
    assert figure.axes[1].get_ylabel() == "validation loss"
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["adam", "sgd"]


def test_a_loss_that_explodes_does_not_flatten_the_others(few):
    curves = few.curves.copy()
    curves.loc[(curves["candidate"] == "sgd") & (curves["step"] > 400), "train_loss"] = 1e30
    figure = figures.learning_curves(curves, few.trials, "train_loss")
    assert figure.axes[0].get_ylim()[1] < 100


def test_who_is_not_picked_out_is_a_thin_line_behind_the_others_without_a_band(few):
    looks = picked_out(candidate_styles(["sgd", "adam"]), ["sgd"])
    figure = figures.learning_curves(few.curves, few.trials, styles=looks)
    axis = figure.axes[0]
    thin, bold = [line for line in axis.lines if line.get_gid()][:2]
    assert (thin.get_gid(), bold.get_gid()) == ("mark:c1.faint:0", "mark:c0:1")
    assert (thin.get_color(), thin.get_marker(), bold.get_color()) == (FAINT, "", looks["sgd"].color)
    assert thin.get_linewidth() < bold.get_linewidth()
    assert [band.get_gid() for band in axis.collections] == ["mark:c0:"]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["sgd", "1 other in grey"]
    assert 'class="c1 faint"' in panels(figure, draw(figure), "name", "")[1].svg


def target_lines(axis):
    return [line.get_ydata()[0] for line in axis.lines if list(line.get_xdata()) == [0, 1]]


def test_a_target_below_the_curves_is_within_the_panel_and_counted(few):
    trials = few.trials.copy()
    trials.loc[trials["workload"] == "digits-mlp", "target_value"] = 0.6
    axis = figures.learning_curves(few.curves, trials).axes[0]
    assert target_lines(axis) == [0.6]
    assert axis.get_ylim()[0] < 0.6


@pytest.mark.parametrize("metric", [None, "train_loss", {"digits-mlp": "train_loss"}])
def test_targets_are_counted_where_they_are_drawn(few, metric):
    axes = figures.learning_curves(few.curves, few.trials, metric).axes
    assert figures.targets_drawn(few.curves, few.trials, metric) == (sum(map(bool, map(target_lines, axes))), len(axes))


def test_shares_that_hardly_differ_are_not_shown_in_close_up(few):
    curves = few.curves.assign(validation_metric=0.9)
    low, high = figures.learning_curves(curves, few.trials).axes[0].get_ylim()
    assert high - low >= 0.04


def test_those_in_grey_do_not_flatten_those_that_are_told_apart():
    def part(*losses):
        middle = np.array(losses, float)
        return np.stack([np.arange(len(middle)), middle, middle, middle])

    parts = {"named": part(7, 5, 4.5), "grey": part(7, 60, 50)}
    low, high, log = limits(parts, lower=True, named=["named"])
    assert (low, high) == pytest.approx((4.375, 7.125))
    assert not log
    assert limits(parts, lower=True)[1] > 60
    assert limits(parts, lower=True, named=["named", "grey"])[1] > 60
