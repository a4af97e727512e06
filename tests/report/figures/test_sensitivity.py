import numpy as np
import pandas as pd
import pytest

from optbench.report import figures


def lines_of(axis):
    return {line.get_gid(): np.column_stack(line.get_data()) for line in axis.lines if line.get_gid()}


def test_rate_sensitivity_puts_each_trial_at_its_rate_and_failures_below(few):
    trials = few.trials[few.trials["phase"] == "tune"].reset_index(drop=True)
    trials["hyperparameters"] = [f'{{"optimizer.inner.lr": {10.0 ** -(i % 4)}}}' for i in range(len(trials))]
    trials["outcome"] = ["diverged" if i % 4 == 0 else "done" for i in range(len(trials))]
    trials["final_validation_metric"] = 0.5 + 0.1 * (trials.index % 4)
    axis = figures.rate_sensitivity(trials).axes[0]
    points = {
        (round(x, 9), round(y, 6)) for line in axis.lines for x, y in zip(*line.get_data(), strict=True)
    }
    assert {(0.1, 0.6), (0.01, 0.7), (0.001, 0.8)} <= points
    below = [y for x, y in points if x == 1.0]
    assert below
    assert max(below) < 0.6
    assert axis.get_xscale() == "log"


def test_of_very_many_tuning_trials_the_best_at_each_rate_and_the_selected_one_are_drawn():
    rates = np.geomspace(1e-3, 1e-1, 300)
    trials = pd.DataFrame(
        {
            "candidate": "adam", "workload": "w", "phase": "tune", "seed": 10_000, "outcome": "done",
            "metric": "accuracy",
            "hyperparameters": [f'{{"optimizer.lr": {r}}}' for r in rates],
            "final_validation_metric": np.tile([0.5, 0.9, 0.7], 100), "selected": np.arange(300) == 150,
        }
    )  # fmt: skip
    axis = figures.rate_sensitivity(trials).axes[0]
    curve, ring = (lines_of(axis)[gid] for gid in ("mark:c0:0", "mark:c0:1"))
    assert 20 <= len(curve) <= 30
    assert np.sum(curve[:, 1] == 0.9) >= len(curve) - 1
    assert ring.tolist() == [pytest.approx([rates[150], 0.5])]
