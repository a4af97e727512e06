import re

import numpy as np
import pytest

from optbench.report import figures
from optbench.report.pictures.marks import notes


def lines_of(axis):
    return {line.get_gid(): np.column_stack(line.get_data()) for line in axis.lines if line.get_gid()}


def test_bands_are_drawn_for_few_candidates_and_told_for_many(make_results):
    for count, bands in ((3, 3), (4, 0)):
        trials = make_results([f"c{k}" for k in range(count)], ["digits-mlp"], seeds=2, tune=4, points=4).trials
        figure = figures.tuning_curves(trials)
        assert len(figure.axes[0].collections) == bands
        assert all(re.search(r"best of 4 \S+ \[\S+, \S+\]…$", tip) for tip in notes(figure).tips)
        assert len(notes(figure).tips) == count


def test_a_tuning_curve_goes_from_the_mean_to_the_best(few):
    trials = few.trials[(few.trials["workload"] == "digits-mlp") & (few.trials["phase"] == "tune")]
    axis = figures.tuning_curves(trials).axes[0]
    for name, points in zip(["sgd", "adam"], lines_of(axis).values(), strict=True):
        values = trials.loc[trials["candidate"] == name, "final_validation_metric"]
        worst = values.min()
        assert points[:, 0].tolist() == [1, 2, 3, 4]
        assert points[0, 1] == pytest.approx(values.fillna(worst).mean())
        assert points[-1, 1] == pytest.approx(values.max())
