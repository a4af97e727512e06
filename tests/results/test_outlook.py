"""The record of looks that a store keeps: a stranger's is checked before it is believed; archives keep it."""

import copy
import shutil

import pytest

import optbench
from optbench.results.archives import pack
from optbench.results.merging import merge
from optbench.store.store import STORE, Store
from support.suites import moons, searched, suite

GOOD = {
    "looks": [2, 3], "order": ["sgd", "adam", "moons"], "focus": [], "equal": {"time": 0.05, "result": 0.005},
    "minutes": None, "seeds": 3, "stopped": "seeds", "replanned": False,
    "answers": [
        {"kind": "result", "candidate": "sgd", "against": "adam", "word": "worse", "look": 2, "seeds": 3, "z": [4.0],
         "missed": False},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("outlook")
    (place / "tiny.toml").write_text(suite(moons(), searched("sgd", "adam"), seeds=3))
    optbench.run(place / "tiny.toml", "serial", place / "out", report=False)
    return place / "out"


def keep(folder, record):
    with Store(folder / STORE) as store:
        store.set("until", record)


def test_a_record_that_can_be_is_believed(folder, tmp_path):
    keep(folder, GOOD)
    results = optbench.load(folder)
    assert list(results.answers()["word"]) == ["worse"]
    assert results.verdict().question("result").between("sgd", "adam").word == "worse"
    pack(folder, tmp_path / "kept.sqlite.xz")
    assert optbench.load(tmp_path / "kept.sqlite.xz").until == GOOD
    keep(folder, {**GOOD, "seeds": 0, "answers": []})  # killed before the first look
    assert {c.reason for c in optbench.load(folder).verdict().questions[0].comparisons} == {"no look was taken yet"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("looks", [3, 2]), ("looks", []), ("looks", "23"), ("looks", None), ("looks", list(range(2, 99))),
        ("equal", {}), ("equal", {"time": -1.0, "result": 1.0}), ("equal", {"time": 1.0, "result": "x"}),
        ("seeds", 7), ("seeds", "3"), ("order", None), ("answers", [{}]), ("answers", [3]), ("answers", None),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_is_damage(folder, field, value):
    keep(folder, {**GOOD, field: value})
    with pytest.raises(optbench.OptbenchError, match="damaged"):
        _ = optbench.load(folder).until


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "luck"), ("word", "<b>"), ("look", 9), ("look", 0), ("seeds", 4), ("z", []), ("z", ["4"]), ("z", None),
        ("more", 1),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_is_damage(folder, field, value):
    record = copy.deepcopy(GOOD)
    record["answers"][0][field] = value
    keep(folder, record)
    with pytest.raises(optbench.OptbenchError, match="damaged"):
        _ = optbench.load(folder).until


def test_merged_runs_have_no_answers_but_those_that_all_gave(folder, tmp_path):
    """Seeds were added as it pleased one of them: a test of fixed seeds would promise too much."""
    keep(folder, GOOD)
    shutil.copytree(folder, tmp_path / "same")
    shutil.copytree(folder, tmp_path / "fixed")
    keep(tmp_path / "fixed", None)
    merge([folder, tmp_path / "same"], tmp_path / "one")
    assert optbench.load(tmp_path / "one").until == GOOD
    merge([folder, tmp_path / "fixed"], tmp_path / "other")
    merged = optbench.load(tmp_path / "other")
    assert len(merged.answers()) == 0
    assert {c.word for q in merged.verdict().questions for c in q.comparisons} == {"undecided"}
