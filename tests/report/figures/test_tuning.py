import numpy as np
import pytest

from optbench.report import figures


def lines_of(axis):
    return {line.get_gid(): np.column_stack(line.get_data()) for line in axis.lines if line.get_gid()}


def test_a_tuning_curve_goes_from_the_mean_to_the_best(few):
    trials = few.trials[(few.trials["workload"] == "digits-mlp") & (few.trials["phase"] == "tune")]
    axis = figures.tuning_curves(trials).axes[0]
    for name, points in zip(["sgd", "adam"], lines_of(axis).values(), strict=True):
        values = trials.loc[trials["candidate"] == name, "final_validation_metric"]
        worst = values.min()
        assert points[:, 0].tolist() == [1, 2, 3, 4]
        assert points[0, 1] == pytest.approx(values.fillna(worst).mean())
        assert points[-1, 1] == pytest.approx(values.max())
