"""The probability of improvement's interval: Newcombe's published values, its laws, and whom it compares."""

import math

import numpy as np
import pandas as pd
import pytest

from optbench.statistics import improvement_interval, improvements, probability_of_improvement

INF = math.inf


def grid(theta, m, n, z=1.959963984540054):
    """All theta on a fine grid that Newcombe's condition admits, by brute force."""
    t = np.linspace(1e-6, 1 - 1e-6, 200_001)
    star = (m + n) / 2 - 1
    variance = t * (1 - t) * (1 + star * ((1 - t) / (2 - t) + t / (1 + t))) / (m * n)
    inside = t[(theta - t) ** 2 <= z * z * variance]
    return inside.min(), inside.max()


@pytest.mark.parametrize(("m", "n"), [(5, 5), (10, 7), (30, 30)])
def test_one_workload_solves_newcombes_condition(m, n):
    rng = np.random.default_rng(m)
    x, y = rng.normal(0.7, 1, m), rng.normal(0, 1, n)
    theta = probability_of_improvement([x], [y])
    assert improvement_interval([x], [y]) == pytest.approx(grid(theta, m, n), abs=1e-4)


def test_five_seeds_are_no_certainty():
    low, high = improvement_interval([np.arange(10.0, 15)], [np.arange(5.0)])
    assert 0.5 < low < 0.8
    assert high == 1
    assert improvement_interval([np.arange(5.0)], [np.arange(10.0, 15)]) == pytest.approx((0, 1 - low))


def test_more_workloads_are_surer():
    rng = np.random.default_rng(0)
    x, y = [rng.normal(1, 1, 8) for _ in range(6)], [rng.normal(0, 1, 8) for _ in range(6)]
    one, six = improvement_interval(x[:1], y[:1]), improvement_interval(x, y)
    assert six[1] - six[0] < one[1] - one[0]
    swapped = improvement_interval(y, x)
    assert (1 - swapped[1], 1 - swapped[0]) == pytest.approx(six)
    assert all(map(math.isnan, improvement_interval([], [])))


def test_of_trials():
    rows = [
        (w, c, s, t, a)
        for w, c, times in [
            *[("w", "a", [1, 2, 3]), ("w", "b", [2, 3, INF])],
            *[("v", "a", [INF] * 3), ("v", "b", [INF] * 3)],
        ]
        for s, (t, a) in enumerate(zip(times, [0.9, 0.8, 0.7], strict=True))
    ] + [("v", "alone", 0, 1.0, 0.5)]
    trials = pd.DataFrame(rows, columns=["workload", "candidate", "seed", "steps_to_target", "final_test_metric"])
    trials = trials.assign(
        phase="final", outcome="done", metric="accuracy", final_validation_metric=0.0, final_train_loss=1.0
    )
    found = improvements(trials, "b").set_index("candidate")
    # on w 1 beats 2, 3, inf; 2 ties 2; 3 ties 3 ...: (3 + 2.5 + 1.5) / 9; on v all tie
    assert found.loc["a", "probability"] == pytest.approx((7 / 9 + 0.5) / 2)
    assert found.loc["a", "workloads"] == 2
    assert found.loc["alone", "workloads"] == 1
    assert "b" not in found.index
    assert improvements(trials, "b", by="final").set_index("candidate").loc["a", "probability"] == 0.5
    assert len(improvements(trials, "nobody")) == 0
