import numpy as np
import pandas as pd

from optbench.report import figures

from .drawn import texts


def dots(axis):
    """Where the dots of each candidate are: round ends of lines without a length."""
    return [line.get_xdata()[::3] for line in axis.lines if line.get_linewidth() == 4]


def test_time_to_target_counts_misses_beside_the_dots(few):
    trials = few.trials.copy()
    trials.loc[trials["phase"] == "final", "steps_to_target"] = [np.inf, 100.0, np.inf, *[50.0] * 9]
    figure = figures.target_times(trials)
    assert "2/3" in texts(figure)
    assert "missed" in texts(figure)
    assert sum(map(len, dots(figure.axes[0]))) == 4  # of sgd's three, one; and adam's


def test_time_to_target_has_a_log_axis_where_times_differ_much(few):
    trials = few.trials.copy()
    trials.loc[trials["phase"] == "final", "steps_to_target"] = [10.0, 10_000.0, 20.0] * 4
    assert figures.target_times(trials).axes[0].get_xscale() == "log"


def test_more_seeds_than_can_be_told_apart_are_thinned_but_the_median_is_of_all():
    steps = np.arange(1, 402, dtype=float)
    trials = pd.DataFrame({"candidate": "adam", "workload": "w", "phase": "final", "steps_to_target": steps})
    axis = figures.target_times(trials).axes[0]
    ticks = [line.get_xdata()[0] for line in axis.lines if line.get_linewidth() == 2.2]
    (shown,) = dots(axis)
    assert len(shown) == 40
    assert (min(shown), max(shown)) == (1, 401)
    assert ticks == [201]


def test_a_panel_has_a_row_for_those_alone_that_ran_on_its_workload():
    runs = [("a", "sgd"), ("a", "adam"), ("b", "adam")]
    trials = pd.DataFrame(
        [{"workload": w, "candidate": c, "phase": "final", "generalization_gap": 0.1} for w, c in runs]
    )
    rows = [[t.get_text() for t in axis.get_yticklabels()] for axis in figures.generalization_gap(trials).axes]
    assert rows == [["sgd", "adam"], ["adam"]]
