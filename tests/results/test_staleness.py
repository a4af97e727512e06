"""What of stored results would be others now, by definitions and fingerprints."""

import json
import sqlite3

import pytest

import optbench
from optbench.registry.registry import registry
from optbench.results.staleness import Stale, stale, told
from optbench.running.contents import contents
from optbench.store.store import Store
from optbench.suite import parse
from optbench.trials.trial import canonical
from support.suites import ACCURATE, LOW, bowl, moons, searched, suite

SUITE = suite(moons(target=ACCURATE), bowl(target=LOW), searched("sgd", "adam"), baseline="sgd")


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """Results of the suite, with a candidate that its file does not name."""
    folder = tmp_path_factory.mktemp("there")
    (folder / "tiny.toml").write_text(SUITE)
    names = ["sgd", "adam", "rmsprop"]
    optbench.run(folder / "tiny.toml", "serial", folder / "all", candidates=names, focus=[], report=False)
    return folder / "all" / "store.sqlite"


@pytest.fixture
def path(there, tmp_path):
    copy = tmp_path / "store.sqlite"
    copy.write_bytes(there.read_bytes())
    return copy


def found(path, text=SUITE):
    full = parse(text, "tiny.toml", registry())
    with Store(path, readonly=True) as store:
        return stale(store, full, registry(), contents(full, registry()))


def change(path, label):
    """As if a source of the results had been another."""
    db = sqlite3.connect(path)
    for number, text in db.execute("SELECT id, text FROM texts").fetchall():
        table = json.loads(text)
        if isinstance(table, dict) and label in table and "engine" in table:
            db.execute("UPDATE texts SET text = ? WHERE id = ?", (canonical({**table, label: "0" * 12}), number))
    db.commit()
    db.close()


def test_results_of_now_are_not_stale(there):
    assert found(there) == []


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("optimizer:adam", ["adam on moons, bowl: adam: its source changed"]),
        ("optimizer:rmsprop", ["rmsprop on moons, bowl: rmsprop: its source changed"]),
        ("data:two-moons", [f"{c} on moons: two-moons: its data changed" for c in ("sgd", "adam", "rmsprop")]),
        ("network:mlp", [f"{c} on moons: mlp: its source changed" for c in ("sgd", "adam", "rmsprop")]),
        ("engine", [f"{c} on moons, bowl: optbench: what trains changed" for c in ("sgd", "adam", "rmsprop")]),
    ],
)
def test_other_code_and_data_are_told_by_name(path, label, lines):
    change(path, label)
    assert told(found(path)) == lines


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ('value = 0.8', 'value = 0.9', ["moons: its target.value is another now"]),
        ('"bowl"', '"pit"', ["pit: missing"]),
        ('name = "adam", search = ["lr"]', 'name = "adam", search = ["lr", "beta1"]',
         ["adam on moons, bowl: its optimizer.search is another now"]),
        ('"adam"', '"lamb"', ["lamb on moons, bowl: missing"]),
        ("seeds = 2", "seeds = 3", ["moons, bowl: seeds is 2 there and 3 here"]),
    ],
)  # fmt: skip
def test_other_definitions_are_told(there, before, after, lines):
    assert before in SUITE
    assert told(found(there, SUITE.replace(before, after))) == lines


def test_of_a_candidate_that_is_not_here_the_rest_is_looked_at(path):
    change(path, "network:mlp")
    db = sqlite3.connect(path)
    (text,) = db.execute("SELECT value FROM meta WHERE name = 'suite'").fetchone()
    table = json.loads(text)
    table["candidates"][2]["optimizer"]["name"] = "of-a-plugin"
    db.execute("UPDATE meta SET value = ? WHERE name = 'suite'", (json.dumps(table),))
    db.commit()
    db.close()
    assert Stale("moons", "rmsprop", "mlp: its source changed") in found(path)
    assert {one.workload for one in found(path)} == {"moons"}
