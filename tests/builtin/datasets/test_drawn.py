"""Each synthetic set has the geometry that its formula states."""

import numpy as np
import pytest

from optbench.builtin.datasets.blobs import Blobs
from optbench.builtin.datasets.circles import TwoCircles
from optbench.builtin.datasets.forcing import Forcing
from optbench.builtin.datasets.linear import LinearRegression
from optbench.builtin.datasets.mixed_table import MixedTable
from optbench.builtin.datasets.moons import TwoMoons
from optbench.builtin.datasets.noisy import NoisyLabels
from optbench.builtin.datasets.scaled import BadlyScaled
from optbench.builtin.datasets.spirals import Spirals
from optbench.builtin.datasets.teacher import TeacherStudent
from optbench.builtin.datasets.xor import Xor
from optbench.contract.hyperparameters import ComponentError


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_moons_are_half_circles(rng):
    data = TwoMoons(samples=200, noise=0.0).load(rng)
    upper, lower = data.x[data.y == 0], data.x[data.y == 1]
    assert len(upper) == len(lower) == 100
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    assert upper[:, 1].min() >= 0
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)
    assert lower[:, 1].max() <= 0.5


def test_circles_have_their_radii(rng):
    data = TwoCircles(samples=200, noise=0.0, factor=0.3).load(rng)
    np.testing.assert_allclose(np.hypot(*data.x.T), np.where(data.y == 1, 0.3, 1))


def test_noise_has_its_standard_deviation(rng):
    data = TwoCircles(samples=20_000, noise=0.05, factor=0.5).load(rng)
    off = np.hypot(*data.x.T) - np.where(data.y == 1, 0.5, 1)
    assert off.std() == pytest.approx(0.05, rel=0.05)


def test_blobs_spread_about_their_centres(rng):
    data = Blobs(samples=9000, classes=3, features=4, separation=10.0).load(rng)
    for c in range(3):
        np.testing.assert_allclose(np.cov(data.x[data.y == c].T), np.eye(4), atol=0.12)
    centres = np.array([data.x[data.y == c].mean(axis=0) for c in range(3)])
    assert np.linalg.norm(centres, axis=1).mean() == pytest.approx(20, rel=0.6)


def test_spirals_have_an_arm_a_class(rng):
    data = Spirals(samples=300, classes=5, turns=0.0, noise=0.0).load(rng)
    angle = np.arctan2(data.x[:, 0], data.x[:, 1]) % (2 * np.pi)
    np.testing.assert_allclose(angle, 2 * np.pi * data.y / 5, atol=1e-9)
    wound = Spirals(samples=300, turns=0.5, noise=0.0).load(rng)
    r = np.hypot(*wound.x.T)
    angle = np.arctan2(wound.x[:, 0], wound.x[:, 1]) - 2 * np.pi * (wound.y / 3 + 0.5 * r)
    np.testing.assert_allclose(np.cos(angle), 1)


def test_xor_is_the_sign_of_the_product(rng):
    data = Xor(samples=500, noise=0.0).load(rng)
    np.testing.assert_array_equal(data.y, data.x.prod(axis=1) < 0)
    assert abs(data.y.mean() - 0.5) < 0.1
    # No line does better than guessing: the best linear fit of the classes explains next to nothing.
    fit, *_ = np.linalg.lstsq(np.c_[data.x, np.ones(500)], 2.0 * data.y - 1, rcond=None)
    assert np.abs(fit).max() < 0.2


def test_linear_regression_has_its_condition_and_noise(rng):
    data = LinearRegression(samples=50_000, features=4, condition=100.0, noise=0.5).load(rng)
    eigenvalues = np.linalg.eigvalsh(np.cov(data.x.T))
    np.testing.assert_allclose(eigenvalues, np.geomspace(0.01, 1, 4), rtol=0.05)
    _, residual, *_ = np.linalg.lstsq(data.x, data.y, rcond=None)
    assert residual[0] / 50_000 == pytest.approx(0.25, rel=0.05)
    assert data.y.var() == pytest.approx(1.25, rel=0.05)


def test_teacher_without_noise_is_a_bounded_function(rng):
    data = TeacherStudent(samples=5000, hidden=4, noise=0.0).load(rng)
    assert np.abs(data.y).max() <= 2
    assert 0.5 < data.y.std() < 0.9
    noisy = TeacherStudent(samples=5000, hidden=4, noise=3.0).load(np.random.default_rng(3))
    assert (noisy.y - data.y).std() == pytest.approx(3, rel=0.05)


def test_badly_scaled_features_matter_alike(rng):
    data = BadlyScaled(samples=20_000, features=5, decades=4.0, offset=2.0, noise=0.0).load(rng)
    scales = data.x.std(axis=0)
    np.testing.assert_allclose(scales, np.logspace(2, -2, 5), rtol=0.05)
    np.testing.assert_allclose(data.x.mean(axis=0) / scales, 2, rtol=0.05)
    correlation = [abs(np.corrcoef(column, data.y)[0, 1]) for column in data.x.T]
    assert max(correlation) - min(correlation) < 0.05
    assert min(correlation) > 0.3


def test_noisy_labels_are_wrong_by_their_share(rng):
    clean = NoisyLabels(samples=600, label_noise=0.0).load(np.random.default_rng(5))
    noisy = NoisyLabels(samples=600, label_noise=0.25).load(np.random.default_rng(5))
    np.testing.assert_array_equal(clean.x, noisy.x)
    assert (clean.y != noisy.y).sum() == 150
    assert set(noisy.y) == {0, 1, 2}


def test_mixed_table_is_a_mixture_of_groups(rng):
    """With one group a class and a column of each sort, shares and moments are those of the formula."""
    table = MixedTable(
        samples=30_000, classes=2, groups=1, numbers=2, categories=1, levels=3, irrelevant=1, encoding="codes"
    )
    data = table.load(rng)
    assert data.x.shape == (30_000, 4)
    assert data.categories == (3,)
    assert set(np.unique(data.x[:, 0])) == {0, 1, 2}
    for c in (0, 1):
        rows = data.x[data.y == c]
        assert rows[:, 1].std() == pytest.approx(1, rel=0.03)
        # exp(z / 2) of a normal z: its logarithm is half as wide
        assert np.log(rows[:, 2]).std() == pytest.approx(0.5, rel=0.03)
        assert rows[:, 3].mean() == pytest.approx(0, abs=0.03)
    shares = [np.bincount(data.x[data.y == c, 0].astype(int), minlength=3) / 15_000 for c in (0, 1)]
    assert np.abs(shares[0] - shares[1]).max() > 0.05
    # Category and number are independent within a group.
    rows = data.x[data.y == 0]
    assert abs(np.corrcoef(rows[:, 1], rows[:, 0])[0, 1]) < 0.03


def test_mixed_table_has_codes_or_columns_of_0_and_1():
    codes, hot = (
        MixedTable(samples=100, categories=2, levels=4, encoding=encoding).load(np.random.default_rng(0))
        for encoding in ("codes", "one-hot")
    )
    assert (codes.categories, hot.categories) == ((4, 4), ())
    np.testing.assert_array_equal(hot.x[:, :8].reshape(100, 2, 4).argmax(axis=2), codes.x[:, :2])
    np.testing.assert_array_equal(hot.x[:, :8].sum(axis=1), 2)
    np.testing.assert_array_equal(hot.x[:, 8:], codes.x[:, 2:])


def test_mixed_table_needs_more_than_lines():
    """Groups of a class lie anywhere: a tree beats the best linear classifier, and both beat guessing."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    scores = []
    for seed in range(4):
        data = MixedTable(samples=3000).load(np.random.default_rng(seed))
        x = (data.x - data.x.mean(axis=0)) / data.x.std(axis=0)
        models = (LogisticRegression(), RandomForestClassifier(50, random_state=0))
        scores.append([m.fit(x[:2000], data.y[:2000]).score(x[2000:], data.y[2000:]) for m in models])
    lines, trees = np.mean(scores, axis=0)
    assert trees > lines + 0.03 > 0.45


def test_forcing_is_the_sum_of_its_sines(rng):
    data = Forcing(samples=50, frequencies=(1, 3)).load(rng)
    assert np.abs(data.x).max() <= 1
    by_hand = [np.sin(np.pi * x) + np.sin(3 * np.pi * x) for x in data.x[:, 0]]
    np.testing.assert_allclose(data.y, by_hand)


@pytest.mark.parametrize("frequencies", [[], [0], [1.5], [True], [-2]])
def test_forcing_has_whole_frequencies(frequencies):
    with pytest.raises(ComponentError, match="dataset forcing: frequencies must be a list of whole numbers above 0"):
        Forcing(frequencies=frequencies)
