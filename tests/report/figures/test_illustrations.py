"""What the drawn paths and samples are, by arithmetic of their own."""

import numpy as np
import pytest

from optbench.report import figures
from optbench.report.figures.batch_paths import batch_regression, batches
from optbench.report.figures.input_scales import regressions
from optbench.report.figures.regression import Regression
from optbench.report.figures.search_samples import samples


def path_of(axis):
    """The longest line of a panel, (points, 2)."""
    return max((line.get_xydata() for line in axis.lines), key=len)


def test_a_grid_tries_three_values_of_the_important_hyperparameter_and_random_points_nine():
    grid, random = samples()["Grid"], samples()["Random"]
    assert len(grid) == len(random) == 9
    assert [len(np.unique(points[:, 0])) for points in (grid, random)] == [3, 9]
    titles = [axis.get_title(loc="left") for axis in figures.search_samples().axes[:2]]
    for title, points, values in zip(titles, (grid, random), (3, 9), strict=True):
        best = max(np.exp(-50 * (x - 0.7) ** 2) for x in points[:, 0])
        assert f"{values} values tried, best result {best:.2f}" in title


def test_the_gradient_is_that_of_half_the_mean_square_and_the_rate_the_best():
    rng = np.random.default_rng(3)
    cost = Regression(rng.standard_normal((20, 2)) * [1, 3], rng.standard_normal(20))
    w, d = np.array([0.3, -0.2]), 1e-6

    def value(v):
        return np.mean((cost.x @ v - cost.y) ** 2) / 2

    by_differences = [(value(w + d * e) - value(w - d * e)) / (2 * d) for e in np.eye(2)]
    assert cost.gradient(w) == pytest.approx(by_differences, abs=1e-7)
    assert cost.gradient(cost.minimum) == pytest.approx([0, 0], abs=1e-12)

    def slowest(rate):
        return max(abs(np.linalg.eigvals(np.eye(2) - rate * cost.hessian)))

    best = cost.best_rate()
    assert slowest(best) < min(slowest(0.98 * best), slowest(1.02 * best))


def test_standardized_inputs_need_fewer_steps_for_the_same_share_of_the_way():
    raw, standard = regressions()
    assert standard.x.std(axis=0) == pytest.approx([1, 1])
    assert raw.y == pytest.approx(standard.y)
    left, right = (path_of(axis) for axis in figures.input_scales().axes)
    for path, cost in ((left, raw), (right, standard)):
        exact = np.linalg.lstsq(cost.x, cost.y, rcond=None)[0]
        away = np.linalg.norm(path - exact, axis=1)
        assert away[-1] <= 0.01 * away[0] < away[-2]
        assert away[0] == pytest.approx(np.hypot(2, 0.8))
    assert len(right) < len(left) / 5


def test_batch_paths_make_ten_epochs_of_every_size():
    for size, steps in ((64, 10), (8, 80), (1, 640)):
        rows = batches(size)
        assert len(rows) == steps
        assert np.bincount(np.concatenate(rows)).tolist() == [10] * 64  # each example once an epoch
    cost = batch_regression()
    paths = [path_of(axis) for axis in figures.batch_paths().axes]
    assert [len(path) for path in paths] == [11, 81, 641]
    whole = paths[0]
    by_hand = whole[0] - 0.1 * cost.x.T @ (cost.x @ whole[0] - cost.y) / 64
    assert whole[1] == pytest.approx(by_hand)
