"""Another dataset's examples, perturbed: by how much, and what stays."""

import numpy as np
import pytest

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.datasets.perturbed import Perturbed
from optbench.builtin.datasets.tables import Diabetes
from optbench.builtin.datasets.text import TextCharacters
from optbench.contract.errors import OptbenchError

PLAIN = {"label_noise": 0.0, "input_noise": 0.0, "imbalance": 1.0}


def load(seed=0, inner=None, **settings):
    return Perturbed(inner=inner or Digits(), **{**PLAIN, **settings}).load(np.random.default_rng(seed))


@pytest.fixture(scope="module")
def plain():
    return Digits().load(np.random.default_rng(0))


def test_nothing_asked_for_changes_nothing(plain):
    same = load()
    assert np.array_equal(same.x, plain.x)
    assert np.array_equal(same.y, plain.y)


def test_a_share_of_the_labels_is_another_class(plain):
    noisy = load(label_noise=0.25)
    assert np.count_nonzero(noisy.y != plain.y) == round(0.25 * len(plain.y))
    assert set(noisy.y) == set(plain.y)
    assert np.array_equal(noisy.x, plain.x)
    assert not np.array_equal(noisy.y, load(seed=1, label_noise=0.25).y)
    assert np.array_equal(noisy.y, load(label_noise=0.25).y)


def test_classes_shrink_geometrically(plain):
    before, after = np.bincount(plain.y), np.bincount(load(imbalance=0.2).y)
    np.testing.assert_allclose(after, before * 0.2 ** (np.arange(10) / 9), atol=0.5)


def test_noise_is_in_units_of_each_feature(plain):
    added = load(input_noise=0.5).x - plain.x
    spread = plain.x.std(axis=0)
    assert (added[..., :][:, spread == 0] == 0).all()
    ratio = added.std(axis=0)[spread > 0] / spread[spread > 0]
    np.testing.assert_allclose(ratio, 0.5, rtol=0.1)


@pytest.mark.parametrize(
    ("inner", "settings", "words"),
    [
        (Diabetes(), {"label_noise": 0.1}, "diabetes has no classes"),
        (Diabetes(), {"imbalance": 0.5}, "diabetes has no classes"),
        (TextCharacters(), {"input_noise": 0.1}, "has no plain numbers"),
    ],
)
def test_what_cannot_be_perturbed_is_refused(inner, settings, words):
    with pytest.raises(OptbenchError, match=words):
        load(inner=inner, **settings)


def test_the_task_is_that_of_what_is_within():
    assert Perturbed(inner=Diabetes()).task == "regression"
