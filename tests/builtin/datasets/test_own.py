"""Datasets from a user's own files, and by the names that others gave them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_wine

from optbench import OptbenchError, get
from optbench.builtin import datasets
from optbench.testing import run_checks
from optbench.training.preparation import prepare
from optbench.training.split import Split

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "age": RNG.integers(18, 80, 60),
        "city": RNG.choice(["Rome", "Oslo", "Lima"], 60),
        "member": RNG.choice([True, False], 60),
        "height": RNG.normal(170, 10, 60),
        "label": RNG.choice(["yes", "no"], 60),
        "grade": RNG.integers(1, 4, 60),
    }
)


@pytest.fixture
def file(tmp_path):
    def write(frame=FRAME, name="my.csv"):
        path = tmp_path / name
        if path.suffix == ".parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
        return str(path)

    return write


def load(**settings):
    return get("csv", **settings).load(np.random.default_rng(0))


def test_a_table_in_numbers(file):
    data = load(path=file(), target="label", drop=["grade"])
    columns = [(FRAME["city"] == c).to_numpy(float) for c in ("Lima", "Oslo", "Rome")]
    columns += [(~FRAME["member"]).to_numpy(float), FRAME["member"].to_numpy(float)]
    wanted = np.column_stack([*columns, FRAME["age"], FRAME["height"]])
    assert np.allclose(data.x, wanted)
    assert np.array_equal(data.y, (FRAME["label"] == "yes").astype(int))
    assert data.provenance["features"].startswith("city=Lima, city=Oslo, city=Rome, member=False, member=True, age")
    assert data.provenance["classes"] == "no, yes"


@pytest.mark.parametrize(
    ("target", "task"),
    [("label", "binary"), ("city", "classification"), ("member", "binary"), ("grade", "classification")]
    + [("height", "regression"), ("age", "regression")],
)
def test_the_task_is_what_the_target_suggests(file, target, task):
    dataset = get("csv", path=file(), target=target)
    assert dataset.task == task
    assert dataset.settings()["task"] == task, "what was inferred is said, and need not be inferred again"
    assert prepare(dataset, Split()).task == task


def test_whole_numbers_are_values_where_that_is_said(file):
    dataset = get("csv", path=file(), target="grade", task="regression")
    assert np.array_equal(dataset.load(RNG).y, FRAME["grade"])


def test_codes_are_for_networks_that_read_categories(file):
    data = load(path=file(), target="label", encoding="codes")
    assert data.categories == (3, 2)
    codes = {"Lima": 0, "Oslo": 1, "Rome": 2}
    assert np.array_equal(data.x[:, 0], FRAME["city"].map(codes))


@pytest.mark.parametrize("name", ["my.parquet", "my.csv"])
def test_formats_hold_the_same(file, name):
    kind = name.rpartition(".")[2]
    data = get(kind, path=file(name=name), target="label").load(RNG)
    assert np.allclose(data.x, load(path=file(), target="label").x)


def test_gaps(file):
    frame = FRAME.copy()
    frame.loc[3, "age"] = np.nan
    frame.loc[5, "city"] = None
    frame.loc[7, "label"] = None
    path = file(frame)
    with pytest.raises(OptbenchError, match=r"3 values are missing, the first in row 4 of column 'age'; missing = "):
        load(path=path, target="label")
    dropped = load(path=path, target="label", missing="drop")
    assert len(dropped.x) == 57
    filled = load(path=path, target="label", missing="mean")
    assert len(filled.x) == 59, "a row without a target is no example"
    assert "city=(missing)" in filled.provenance["features"]
    age = filled.x[:, filled.provenance["features"].split(", ").index("age")]
    assert age[3] == pytest.approx(frame["age"].drop(7).mean())


@pytest.mark.parametrize(
    ("change", "settings", "message"),
    [
        ({}, {}, r"my.csv: target is missing: the column to be predicted, one of 'age', 'city'"),
        ({}, {"target": "lable"}, r"target: there is no column 'lable'; did you mean 'label'"),
        ({}, {"target": "label", "drop": ["aeg"]}, r"drop: there is no column 'aeg'; did you mean 'age'"),
        ({}, {"target": "label", "drop": ["label"]}, r"drop: 'label' is the target"),
        ({}, {"target": "city", "task": "regression"}, r"column 'city' holds texts, which a regression cannot predict"),
        ({}, {"target": "city", "task": "binary"}, r"column 'city' has 3 classes, and a binary task has 2"),
        ({}, {"target": "height", "task": "classification"}, r"60 different values in 60 rows: no classes"),
        ({"note": [f"n{k}" for k in range(60)]}, {"target": "label"}, r"'note' holds 60 different texts.*drop = "),
        ({"flat": ["same"] * 60}, {"target": "flat"}, r"column 'flat' has one class only, same"),
        ({"wide": [np.inf] * 60}, {"target": "label"}, r"row \d+ of column 'wide' holds an infinite value"),
        ({}, {"target": "label", "missing": "zero"}, r"missing must be one of 'refuse', 'drop', 'mean', got 'zero'"),
        ({}, {"target": "label", "drop": "age"}, r"drop must be a list of columns' names, got 'age'"),
    ],
)  # fmt: skip
def test_what_a_table_cannot_be(file, change, settings, message):
    path = file(FRAME.assign(**change))
    with pytest.raises(OptbenchError, match=message):
        load(path=path, **settings)


def test_files_that_are_none(file, tmp_path):
    file()
    for settings, message in [
        ({"path": str(tmp_path / "mi.csv")}, r"there is no file .*mi\.csv; did you mean 'my\.csv'"),
        ({"path": str(tmp_path)}, r"is a folder"),
        ({}, r"dataset csv: the setting 'path' is missing"),
        ({"path": ""}, r"dataset csv: path must be that of a file, got ''"),
    ]:
        with pytest.raises(OptbenchError, match=message):
            get("csv", target="label", **settings)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "ragged.csv").write_text("a,b\n1,2\n1,2,3,4\n")
    (tmp_path / "latin.csv").write_bytes("a,b\n1,2\n3,caf\u00e9\n".encode("latin-1"))
    (tmp_path / "bytes.parquet").write_bytes(b"no parquet")
    for kind, name, message in [
        ("csv", "empty.csv", "empty.csv cannot be read as a CSV: No columns"),
        ("csv", "ragged.csv", r"cannot be read as a CSV: .*line 3"),
        ("csv", "latin.csv", r"latin.csv cannot be read as a CSV: line 3 is not UTF-8 text"),
        ("parquet", "bytes.parquet", "cannot be read as Parquet"),
    ]:
        with pytest.raises(OptbenchError, match=message):
            get(kind, path=str(tmp_path / name), target="a")


def test_a_file_that_changes_is_read_again(file):
    path = file()
    first = load(path=path, target="label")
    file(FRAME[:40])
    assert len(load(path=path, target="label").x) == 40 < len(first.x)


@pytest.mark.parametrize(
    ("x", "y", "more", "task", "shape"),
    [
        (RNG.random((20, 5, 5, 1)), np.arange(20) % 3 + 4, {}, "classification", (20,)),
        (RNG.random((20, 3)), np.arange(20) % 2 == 0, {}, "binary", (20,)),
        (RNG.random((20, 3)), RNG.random((20, 2)), {}, "regression", (20, 2)),
        (RNG.random((40, 3)), np.arange(40), {}, "regression", (40,)),
        (RNG.integers(4, size=(20, 6)), RNG.integers(-1, 4, (20, 6)), {"vocabulary": 4}, "sequence", (20, 6)),
        (RNG.random((20, 3)), np.zeros(20), {"task": "reconstruction"}, "reconstruction", (20,)),
    ],
)
def test_arrays(tmp_path, x, y, more, task, shape):
    np.savez(tmp_path / "a.npz", x=x, y=y)
    dataset = get("npz", path=str(tmp_path / "a.npz"), **more)
    assert dataset.task == task
    data = dataset.load(RNG)
    assert np.array_equal(data.x, x)
    assert data.y.shape == shape
    if task == "classification":
        assert set(data.y) == {0, 1, 2}, "classes are numbered from 0"
    prepare(dataset, Split())


def test_arrays_that_are_none(tmp_path):
    np.savez(tmp_path / "a.npz", inputs=np.zeros((3, 2)), y=np.array(["a", "b", "c"]))
    (tmp_path / "b.npz").write_bytes(b"PK no")
    np.savez(tmp_path / "d.npz", x=np.array([[1, 2], None], dtype=object), y=np.zeros(2))
    np.savez(tmp_path / "e.npz", x=np.zeros((3, 2)), y=np.zeros(4))
    for settings, message in [
        ({"path": "a.npz"}, "there is no array 'x'; valid names: inputs, y"),
        ({"path": "a.npz", "x": "inputs"}, "array 'y' holds <U1, which are no numbers"),
        ({"path": "b.npz"}, r"b\.npz cannot be read as \.npz"),
        ({"path": "d.npz"}, r"d\.npz: array 'x' holds objects, which are no numbers"),
        ({"path": "e.npz"}, r"e\.npz: x \(3, 2\) and y \(4,\) have not as many rows"),
        ({"path": "c.npz"}, "there is no file .*c.npz"),
    ]:
        with pytest.raises(OptbenchError, match=message):
            get("npz", **{**settings, "path": str(tmp_path / settings["path"])})


def test_scikit_learns_own():
    wine, diabetes = get("sklearn"), get("sklearn", loader="load_diabetes")
    assert (wine.task, diabetes.task) == ("classification", "regression")
    assert np.array_equal(wine.load(RNG).x, load_wine().data)
    assert np.array_equal(diabetes.load(RNG).y, load_diabetes().target)
    for loader, message in [
        ("load_wien", "there is no 'load_wien'; did you mean 'load_wine'"),
        ("load_linnerud", "load_linnerud gives no table with one target"),
        ("load_sample_images", "gives no table with one target"),
    ]:
        with pytest.raises(OptbenchError, match=message):
            get("sklearn", loader=loader)


def test_the_conformance_kit_knows_that_a_file_must_be_named(file):
    results = [*run_checks([datasets.Csv]), *run_checks([get("csv", path=file(), target="label")])]
    assert {r.verdict for r in results} == {"skipped", "passed"}, results
    assert {r.message for r in results if r.verdict == "skipped"} == {"it must be told its path"}
