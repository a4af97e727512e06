"""Ratings and clicks have the shares, the rank and the score of their formulas."""

from dataclasses import replace

import numpy as np
import pytest

from optbench.builtin.datasets.clicks import Clicks
from optbench.builtin.datasets.ratings import Ratings
from optbench.contract.hyperparameters import ComponentError


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_ratings_are_a_matrix_of_low_rank(rng):
    """Without noise, all entries of users and items who were seen often enough follow from a few of them."""
    sizes = {"samples": 4000, "users": 20, "items": 15, "rank": 2, "exponent": 0.0}
    data = Ratings(**sizes, noise=0.0).load(rng)
    assert data.categories == (20, 15)
    matrix = np.full((20, 15), np.nan)
    u, i = data.x.astype(int).T
    matrix[u, i] = data.y
    assert np.isfinite(matrix).all()
    assert np.array_equal(matrix[u, i], data.y), "a pair has one rating"
    values = np.linalg.svd(matrix, compute_uv=False)
    # the products, and the two shares: each of these has rank 1
    assert values[3] > 0.1
    assert values[4] < 1e-10
    noisy = Ratings(**sizes, noise=0.5).load(np.random.default_rng(11)).y
    clean = Ratings(**sizes, noise=0.0).load(np.random.default_rng(11)).y
    assert (noisy - clean).std() == pytest.approx(0.5, rel=0.05)


def test_ratings_have_variance_1_without_noise():
    drawn = [Ratings(500, exponent=0.0, noise=0.0).load(np.random.default_rng(seed)).y for seed in range(40)]
    assert np.mean(np.square(drawn)) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("table", [Ratings(40_000), Clicks(40_000)])
def test_categories_are_as_frequent_as_zipf_says(table, rng):
    data = table.load(rng)
    for column, n in enumerate(data.categories):
        shares = np.bincount(data.x[:, column].astype(int), minlength=n) / 40_000
        wanted = 1 / np.arange(1, n + 1)
        np.testing.assert_allclose(shares, wanted / wanted.sum(), atol=0.01)
    even = replace(table, exponent=0.0).load(rng)
    shares = np.bincount(even.x[:, 0].astype(int)) / 40_000
    assert shares.max() < 2 / even.categories[0]


def test_clicks_follow_a_score_that_a_linear_model_does_not_see_whole(rng):
    """Without products, logistic regression on one-hot categories finds the score; with them, not even nearly."""
    from sklearn.linear_model import LogisticRegression

    data = Clicks(20_000, (6, 5), values=3, exponent=0.0).load(rng)
    assert data.x.shape == (20_000, 5)
    assert data.categories == (6, 5)
    assert np.abs(data.x[:, 2:].mean(axis=0)).max() < 0.05
    a, b = data.x[:, :2].astype(int).T
    hot = np.concatenate([np.eye(6)[a], np.eye(5)[b], data.x[:, 2:]], axis=1)
    crossed = np.concatenate([np.eye(30)[5 * a + b], data.x[:, 2:]], axis=1)
    losses = []
    for x in (hot, crossed):
        p = LogisticRegression(C=100.0).fit(x[:10_000], data.y[:10_000]).predict_proba(x[10_000:])
        losses.append(-np.log(p[np.arange(10_000), data.y[10_000:]]).mean())
    assert losses[1] < losses[0] - 0.01


def test_intercept_and_strength_decide_how_many_click(rng):
    assert Clicks(20_000, strength=0.0, intercept=-2.0).load(rng).y.mean() == pytest.approx(1 / (1 + np.e**2), abs=0.01)


@pytest.mark.parametrize("categories", [[], [5], [5, 0], [5, 2.5], [True, 3]])
def test_clicks_have_at_least_two_columns_of_categories(categories):
    with pytest.raises(ComponentError, match="dataset clicks: categories must be a list of at least two whole numbers"):
        Clicks(categories=categories)
