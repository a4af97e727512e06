"""The score's interval: it covers where candidates are tied, and percentiles do not."""

import numpy as np

from optbench.statistics import score, score_interval

INF = np.inf


def sample(pace, seeds, rng, workloads=6):
    """Median times, resampled ones, from log-normal times."""
    times = pace[:, None, None] * rng.lognormal(0, 0.3, (len(pace), workloads, seeds))
    drawn = times[:, :, rng.integers(seeds, size=(300, seeds))]
    return np.median(times, axis=2), np.median(drawn, axis=3).transpose(2, 0, 1)


def test_it_covers_where_ties_fool_percentiles():
    rng = np.random.default_rng(0)
    pace = np.array([1.0, 1.0, 1.05, 2.0])
    truth = score(np.repeat(pace[:, None], 6, axis=1))
    hull, percentile = np.zeros(4), np.zeros(4)
    for _ in range(120):
        middle, drawn = sample(pace, 10, rng)
        low, high = score_interval(middle, drawn, np.full(6, 10))
        hull += (low <= truth + 1e-12) & (truth <= high + 1e-12)
        low, high = np.quantile(score(drawn), [0.025, 0.975], axis=0)
        percentile += (low <= truth) & (truth <= high)
    assert (hull / 120 >= 0.9).all()
    assert percentile[0] / 120 < 0.6


def test_it_holds_the_score_and_stays_within_0_and_1():
    rng = np.random.default_rng(1)
    for seeds in (2, 5, 20):
        middle, drawn = sample(np.array([1.0, 1.3, 3.9]), seeds, rng)
        low, high = score_interval(middle, drawn, np.full(6, seeds))
        assert ((low >= 0) & (low <= score(middle)) & (score(middle) <= high) & (high <= 1)).all()


def test_misses_and_certainty():
    middle = np.array([[10.0, INF], [20.0, INF], [INF, INF]])
    low, high = score_interval(middle, np.broadcast_to(middle, (50, 3, 2)), np.array([5, 5]))
    np.testing.assert_allclose(low, score(middle))
    np.testing.assert_allclose(high, score(middle))
    single = score_interval(middle, np.broadcast_to(middle, (50, 3, 2)), np.array([1, 1]))
    assert np.isnan(single).all()
    sometimes = np.broadcast_to(middle, (50, 3, 2)).copy()
    sometimes[:20, 0, 0] = INF  # a bootstrap sample in which the quickest missed
    low, high = score_interval(middle, sometimes, np.array([5, 5]))
    assert low[0] == 0
    assert high[1] > score(middle)[1]
