import numpy as np

from optbench.report import figures


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
