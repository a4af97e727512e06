"""Alpha spending against published boundaries, closed forms and simulated walks."""

import numpy as np
import pytest
import scipy.stats

from optbench.statistics.spending import boundaries, exits, spent

FIFTHS = np.arange(1, 6) / 5


def test_published_boundaries_of_five_looks():
    """Two-sided at 5 %, equally spaced: Lan and DeMets' programs (Reboussin et al. 2000, Controlled Clinical Trials
    21:190)."""
    assert boundaries(FIFTHS, 0.05, "pocock") == pytest.approx([2.4380, 2.4268, 2.4101, 2.3966, 2.3859], abs=1e-4)
    published = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]
    assert boundaries(FIFTHS, 0.05, "obrien-fleming") == pytest.approx(published, abs=2e-4)


@pytest.mark.parametrize("kind", ["pocock", "obrien-fleming"])
@pytest.mark.parametrize("sides", [1, 2])
def test_all_of_alpha_is_spent_in_the_end_and_more_at_each_look(kind, sides):
    shares = np.linspace(0.05, 1, 30)
    for alpha in (0.05, 0.01):
        values = [spent(share, alpha, kind, sides) for share in shares]
        assert values[-1] == pytest.approx(alpha)
        assert (np.diff(values) > 0).all()
    assert spent(0.3, 0.01, kind, sides) < spent(0.3, 0.05, kind, sides)
    with pytest.raises(ValueError, match="share"):
        spent(0.0, 0.05, kind)
    with pytest.raises(ValueError, match="expected pocock or obrien-fleming"):
        spent(0.5, 0.05, "all")


def test_a_single_look_is_a_fixed_test():
    assert boundaries([1.0], 0.05, "pocock") == pytest.approx([scipy.stats.norm.ppf(0.975)])
    upper, lower = exits([4.0], [1.5], drift=0.3)  # a score of mean 1.2 and variance 4
    assert upper == pytest.approx(scipy.stats.norm.sf(3, 1.2, 2))
    assert lower == pytest.approx(scipy.stats.norm.cdf(-3, 1.2, 2))


def test_exits_of_two_looks_are_a_bivariate_normals():
    shares, z, drift = np.array([0.4, 1.0]), np.array([2.0, 1.8]), 0.7
    mean = drift * shares
    both = scipy.stats.multivariate_normal(mean, [[0.4, 0.4], [0.4, 1.0]])
    edge = z * np.sqrt(shares)
    inside = scipy.stats.norm(mean[0], np.sqrt(0.4))
    within = both.cdf([edge[0], edge[1]]) - both.cdf([-edge[0], edge[1]])  # inside first, below the upper one then
    upper, _ = exits(shares, z, drift)
    assert upper[1] == pytest.approx(inside.cdf(edge[0]) - inside.cdf(-edge[0]) - within, abs=1e-6)


def test_exits_are_those_of_simulated_walks():
    rng = np.random.default_rng(0)
    shares, z, drift, walks = np.array([6.0, 9, 14, 20, 30]), np.array([2.5, 2.4, 2.3, 2.2, 2.1]), 0.3, 200_000
    steps = np.diff(shares, prepend=0)
    score = np.cumsum(drift * steps + np.sqrt(steps) * rng.normal(size=(walks, 5)), axis=1) / np.sqrt(shares)
    first = np.where((np.abs(score) >= z).any(axis=1), np.argmax(np.abs(score) >= z, axis=1), 5)
    upper, lower = exits(shares, z, drift)
    for look in range(5):
        here = first == look
        assert upper[look] == pytest.approx(np.mean(here & (score[:, look] > 0)), abs=0.004)
        assert lower[look] == pytest.approx(np.mean(here & (score[:, look] < 0)), abs=0.004)
