"""Nothing of validation and test leaks into what is fitted, and targets are as losses want them."""

from dataclasses import dataclass

import numpy as np
import pytest

from optbench.builtin.datasets.blobs import Blobs
from optbench.builtin.datasets.digits import Digits
from optbench.builtin.datasets.linear import LinearRegression
from optbench.builtin.datasets.moons import TwoMoons
from optbench.builtin.datasets.reconstruction import Reconstruction
from optbench.builtin.datasets.tables import Iris, Wine
from optbench.builtin.normalizers.standardize import Standardize
from optbench.contract.architecture import Inputs
from optbench.contract.components import InputNormalizer
from optbench.contract.dataset import Data, Dataset
from optbench.contract.errors import OptbenchError
from optbench.training import preparation
from optbench.training.preparation import prepare
from optbench.training.split import Split, split_indices
from optbench.trials.trial import SPLITS


@dataclass(frozen=True)
class Given(Dataset):
    """Whatever a test puts into `data`; x counts the examples, so that each is known again."""

    name = "given"
    data = None

    def load(self, rng):
        return self.data


def given_data(x, y, task="classification", **more):
    kind = dataclass(frozen=True)(type("Given", (Given,), {"task": task, "data": Data(x, y, **more)}))
    return kind()


def counting(y, task="classification"):
    return given_data(np.arange(len(y), dtype=float)[:, None], np.asarray(y), task)


@dataclass(frozen=True)
class Standard(InputNormalizer):
    name = "standard"

    def fit(self, x):
        mean, std = x.mean(axis=0), x.std(axis=0)
        return lambda x: (x - mean) / std


@dataclass(frozen=True)
class Double(InputNormalizer):
    name = "double"

    def fit(self, x):
        low = x.min()
        return lambda x: 2 * (x - low)


@pytest.fixture(autouse=True)
def empty_cache():
    preparation._CACHE.clear()


def parts(data):
    return [data.examples(split) for split in SPLITS]


# -------------------------------------------------------------------------------------------------- random order


def test_examples_come_in_random_order():
    """The file may be sorted by class, and whoever reads the first thousand examples wants a sample."""
    data = prepare(counting(np.repeat([0, 1], 500)))
    first = data.y_train[:100, 0].sum()
    assert 30 < first < 70
    changes = (np.diff(data.y_train[:, 0]) != 0).sum()
    assert 200 < changes < 400  # neither sorted nor alternating


def test_synthetic_examples_change_with_the_seed():
    a, b = (prepare(TwoMoons(), Split(seed=seed)) for seed in (0, 1))
    assert not np.isin(a.x_train[:, 0], b.x_train[:, 0]).any()


def test_data_and_split_have_streams_of_their_own(monkeypatch):
    seen = []

    @dataclass(frozen=True)
    class Greedy(Given):
        name = "greedy"

        def load(self, rng):
            seen.append(rng.random(10))
            return Data(np.arange(50.0)[:, None], np.arange(50) % 2)

    first = prepare(Greedy(), Split(seed=3))
    other = prepare(counting(np.arange(50) % 2), Split(seed=3))  # draws nothing at all
    np.testing.assert_array_equal(first.x_test, other.x_test)
    assert not np.isin(seen[0], np.random.default_rng(3).random(1000)).any()


# ------------------------------------------------------------------------------------------------------- encoding


def test_classes_become_one_hot_rows():
    data = prepare(Iris())
    assert (data.task, data.classes, data.outputs, data.shape) == ("classification", 3, 3, (4,))
    assert (data.loss, data.metric) == ("softmax_cross_entropy", "accuracy")
    for x, y in parts(data):
        assert y.shape == (len(x), 3)
        np.testing.assert_array_equal(y.sum(axis=1), 1)
        assert set(np.unique(y)) == {0, 1}
    assert [len(x) for x, _ in parts(data)] == [90, 30, 30]


def test_labels_stay_with_their_examples():
    data = prepare(counting(np.arange(200) % 4))
    for x, y in parts(data):
        np.testing.assert_array_equal(y.argmax(axis=1), x[:, 0] % 4)


def test_binary_targets_are_one_column():
    data = prepare(TwoMoons())
    assert (data.classes, data.outputs) == (2, 1)
    assert (data.loss, data.metric) == ("binary_cross_entropy", "accuracy")
    assert data.y_train.shape == (600, 1)
    assert data.y_train.mean() == pytest.approx(0.5, abs=0.01)


def test_regression_targets_are_standardized_by_the_training_split():
    x = np.arange(50.0)[:, None]
    y = np.c_[3 * x[:, 0] + 100, -x[:, 0] ** 2]
    data = prepare(given_data(x, y, "regression"), dtype="float64")
    assert (data.classes, data.outputs) == (0, 2)
    assert (data.loss, data.metric) == ("mean_squared_error", "r2")
    np.testing.assert_allclose(data.y_train.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(data.y_train.std(axis=0), 1)
    assert abs(data.y_test.mean()) > 1e-3  # not its own mean
    for x_part, y_part in parts(data):
        np.testing.assert_allclose(y_part * data.target_std + data.target_mean, np.c_[3 * x_part + 100, -(x_part**2)])


def test_the_target_of_a_reconstruction_is_the_example_before_its_normalizers():
    prepared = prepare(Reconstruction(Iris()), normalizers=[Standardize()], dtype=np.float64)
    features = prepare(Iris(), dtype=np.float64)
    known = {tuple(row) for split in SPLITS for row in features.examples(split)[0]}
    for split in SPLITS:
        x, y = prepared.examples(split)
        assert {tuple(row) for row in y} <= known
        assert not np.allclose(x, y)
    mean, std = prepared.y_train.mean(axis=0), prepared.y_train.std(axis=0)
    assert np.allclose(prepared.x_train, (prepared.y_train - mean) / std)
    assert (prepared.outputs, prepared.classes) == (4, 0)
    images = prepare(Reconstruction(Digits()))
    assert np.array_equal(images.y_train, images.x_train.reshape(len(images.x_train), 64))
    assert (images.loss, images.metric) == ("reconstruction_cross_entropy", "r2")


def test_constant_targets_are_no_division_by_zero():
    data = prepare(given_data(np.arange(20.0)[:, None], np.full(20, 7.0), "regression"))
    np.testing.assert_array_equal(data.y_train, 0)


@pytest.mark.parametrize("dtype", ["float32", np.float64, np.dtype("float32")])
def test_arrays_are_of_the_dtype_contiguous_and_read_only(dtype):
    data = prepare(Blobs(), dtype=dtype)
    for array in [a for pair in parts(data) for a in pair]:
        assert array.dtype == np.dtype(dtype)
        assert array.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_provenance_tells_the_numbers_apart():
    a, b, c = (prepare(TwoMoons(), Split(seed=s), dtype=d) for s, d in [(0, "f4"), (0, "f8"), (1, "f8")])
    assert a.provenance == b.provenance
    assert a.provenance["sha256_arrays"] != c.provenance["sha256_arrays"]
    assert a.provenance["source"] == TwoMoons.source


def test_an_unknown_split_names_the_known():
    with pytest.raises(ValueError, match="did you mean 'train'"):
        prepare(Iris()).examples("tran")


# ----------------------------------------------------------------------------------------------------- no leakage


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_nothing_fitted_sees_validation_or_test(task):
    """Other validation and test examples change nothing of the training split, nor of the fitted transforms."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((80, 3)) * [1, 10, 100]
    y = rng.standard_normal(80) if task == "regression" else np.arange(80) % 2
    normalizers = (Standard(), Double())
    before = prepare(given_data(x, y, task), Split(), normalizers, "float64")
    train, validation, test = split_indices(None if task == "regression" else y, 80, Split())
    changed_x, changed_y = x.copy(), y.copy()
    changed_x[[*validation[1:], *test[1:]]] *= 1000
    if task == "regression":
        changed_y[[*validation[1:], *test[1:]]] += 500
    after = prepare(given_data(changed_x, changed_y, task), Split(), normalizers, "float64")
    assert after is not before
    np.testing.assert_array_equal(before.x_train, after.x_train)
    np.testing.assert_array_equal(before.y_train, after.y_train)
    np.testing.assert_array_equal(before.x_validation[0], after.x_validation[0])
    np.testing.assert_array_equal(before.x_test[0], after.x_test[0])
    np.testing.assert_array_equal(before.y_test[0], after.y_test[0])
    assert (before.x_test[1:] != after.x_test[1:]).all()
    # And training examples do matter.
    changed_x = x.copy()
    changed_x[train[0]] += 50
    third = prepare(given_data(changed_x, y, task), Split(), normalizers, "float64")
    assert (before.x_test != third.x_test).all()


def test_normalizers_are_fitted_on_what_the_one_before_left():
    data = prepare(Wine(), Split(), (Standard(), Double()), "float64")
    raw = prepare(Wine(), Split(), (), "float64")
    standard = (raw.x_train - raw.x_train.mean(axis=0)) / raw.x_train.std(axis=0)
    np.testing.assert_allclose(data.x_train, 2 * (standard - standard.min()))
    assert data.x_train.min() == 0
    low = standard.min()
    expected = 2 * ((raw.x_test - raw.x_train.mean(axis=0)) / raw.x_train.std(axis=0) - low)
    np.testing.assert_allclose(data.x_test, expected)


def test_fit_is_in_float64_whatever_the_dtype():
    x = 1e4 + np.random.default_rng(0).standard_normal((60, 2)) * 1e-3
    data = prepare(given_data(x, np.arange(60) % 2), Split(), (Standard(),), "float32")
    assert data.x_train.std() == pytest.approx(1, rel=1e-3)  # in float32, 1e4 + 1e-3 is 1e4


# ------------------------------------------------------------------------------------------------------ the cache


def test_the_same_arguments_give_the_same_object():
    loads = []

    @dataclass(frozen=True)
    class Counted(TwoMoons):
        def load(self, rng):
            loads.append(1)
            return super().load(rng)

    first = prepare(Counted(), Split(), [Standard()], "float32")
    assert prepare(Counted(), Split(), (Standard(),), np.float32) is first
    assert len(loads) == 1
    others = [
        prepare(Counted(noise=0.1), Split(), [Standard()], "float32"),
        prepare(Counted(), Split(seed=1), [Standard()], "float32"),
        prepare(Counted(), Split(), [], "float32"),
        prepare(Counted(), Split(), [Standard()], "float64"),
    ]
    assert all(other is not first for other in others)
    assert len(loads) == 5


def test_the_cache_is_bounded_and_keeps_the_latest(monkeypatch):
    one = prepare(TwoMoons(), Split(seed=0))
    monkeypatch.setattr(preparation._CACHE, "limit", int(2.5 * one.nbytes))
    for seed in range(5):
        prepare(TwoMoons(), Split(seed=seed))
    kept = [key[1].seed for key in preparation._CACHE.items]
    assert kept == [3, 4]
    monkeypatch.setattr(preparation._CACHE, "limit", 1)
    latest = prepare(TwoMoons(), Split(seed=9))
    assert prepare(TwoMoons(), Split(seed=9)) is latest


# --------------------------------------------------------------------------------------------------------- errors


def test_more_training_examples_than_there_are():
    with pytest.raises(OptbenchError, match=r"dataset iris: split.train = 91, but only 90 of 150"):
        prepare(Iris(), Split(train=91))


def test_empty_splits_are_refused():
    with pytest.raises(OptbenchError, match=r"dataset linear-regression: 2 examples are too few: the \w+ split"):
        prepare(LinearRegression(samples=2))


def test_a_class_that_a_split_would_miss_is_refused():
    y = np.repeat([0, 1], [98, 2])
    with pytest.raises(OptbenchError, match=r"dataset given: class 1 has too few examples \(2 in all\)"):
        prepare(counting(y))
    with pytest.raises(OptbenchError, match=r"class \d has too few examples .* the train split of 2 would"):
        prepare(Iris(), Split(train=2))


@pytest.mark.parametrize(
    ("x", "y", "task", "message"),
    [
        (np.zeros((9, 2)), np.zeros(8, int), "classification", "9 examples, but 8 labels"),
        (np.zeros(9), np.zeros(9, int), "classification", r"x must be \(examples, \*features\), got shape \(9,\)"),
        (np.zeros((0, 2)), np.zeros(0, int), "classification", r"got shape \(0, 2\)"),
        (np.full((9, 2), np.nan), np.zeros(9, int), "classification", "x has values that are not finite"),
        (np.zeros((9, 2)), np.zeros(9), "classification", "y must be class numbers 0, 1, …"),
        (np.zeros((9, 2)), np.arange(9) % 2 + 1, "classification", r"without a gap, got \[1, 2\]"),
        (np.zeros((9, 2)), np.arange(9) % 2 * 2, "classification", r"without a gap, got \[0, 2\]"),
        (np.zeros((9, 2)), np.zeros(9, int), "classification", r"without a gap, got \[0\]"),
        (np.zeros((9, 2)), np.arange(9) % 3, "binary", "a binary task has the classes 0 and 1, got 3 classes"),
        (np.zeros((9, 2)), np.full(9, np.inf), "regression", "y has values that are not finite"),
        (np.zeros((9, 2)), np.zeros(9), "regresion", "unknown task 'regresion'; did you mean 'regression'"),
    ],
)
def test_data_that_are_not_what_a_dataset_must_give(x, y, task, message):
    with pytest.raises(OptbenchError, match=f"dataset given: .*{message}"):
        prepare(given_data(x, y, task))


def test_a_normalizer_that_breaks_the_values_is_an_error():
    x = np.c_[np.arange(40.0), np.full(40, 1e300)]
    with pytest.raises(OptbenchError, match=r"dataset given: .* in float32, values are not finite"):
        prepare(given_data(x, np.arange(40) % 2))


def tokens(y=None, vocabulary=4, examples=20, times=3):
    x = np.random.default_rng(0).integers(0, 4, (examples, times))
    return given_data(x, x if y is None else np.asarray(y), "sequence", vocabulary=vocabulary)


def test_sequences_keep_their_class_numbers():
    dataset = tokens()
    prepared = prepare(dataset, Split(), dtype=np.float32)
    assert prepared.inputs == Inputs((3,), positions=3, vocabulary=4)
    assert (prepared.outputs, prepared.classes, prepared.loss, prepared.metric) == (
        4, 4, "sequence_cross_entropy", "accuracy",
    )  # fmt: skip
    for split in SPLITS:
        x, y = prepared.examples(split)
        assert np.array_equal(x, y), "they stay pairs"
    rows = np.concatenate([prepared.examples(split)[0] for split in SPLITS])
    assert np.array_equal(np.sort(rows, axis=0), np.sort(dataset.data.x, axis=0))


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (tokens(vocabulary=3), "dataset given: tokens must be whole numbers from 0 to 2, got 3"),
        (given_data(np.array([[0.5, 1]]), np.array([[0, 1]]), "sequence", vocabulary=2), "from 0 to 1, got 0.5"),
        (tokens(np.full((20, 3), 4)), "y has the token 4, but the vocabulary is 4 tokens"),
        (tokens(np.full((20, 3), -2)), r"class numbers 0, 1, … or -1 where a position has no target.* got -2 to -2"),
        (tokens(np.full((20, 3), -1)), "some must have one; got -1 to -1"),
        (tokens(np.zeros(20, int)), r"class numbers \(examples, positions\), got int64 \(20,\)"),
        (tokens(np.zeros((20, 3))), r"class numbers \(examples, positions\), got float64"),
        (
            given_data(np.array([[0.0, 1], [5, 1]]), np.array([0, 1]), categories=(5,)),
            "column 0's categories must be whole numbers from 0 to 4, got 5",
        ),
    ],
)
def test_numbers_that_are_not_what_they_are_said_to_be(dataset, message):
    with pytest.raises(OptbenchError, match=message):
        prepare(dataset, Split())


def test_tokens_are_not_scaled():
    with pytest.raises(OptbenchError, match=r"inputs are tokens, which are not to be scaled; leave out .*standardize"):
        prepare(tokens(), Split(), [Standardize()])


def test_categories_are_left_as_they_are_and_the_rest_is_scaled():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.integers(5, size=(50, 2)), rng.normal(3, 2, (50, 2))])
    prepared = prepare(given_data(x, np.arange(50) % 2, categories=(5, 5)), Split(), [Standardize()])
    assert prepared.inputs == Inputs((4,), categories=(5, 5))
    assert np.isin(prepared.x_train[:, :2], np.arange(5)).all()
    assert np.allclose(prepared.x_train[:, 2:].mean(axis=0), 0, atol=1e-6)
    only = given_data(x[:, :2], np.arange(50) % 2, categories=(5, 5))
    assert np.isin(prepare(only, Split(), [Standardize()]).x_train, np.arange(5)).all()
