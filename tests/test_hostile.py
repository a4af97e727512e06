"""Files from strangers, or spoiled ones: stores and checkpoints are read, or refused in one message, and never run.

`pytest -m slow` spoils OPTBENCH_TEST_FLIPS stores (default 60).
"""

import json
import os
import random
import sqlite3
import zipfile

import numpy as np
import pytest

import optbench
from optbench.contract.errors import OptbenchError
from optbench.lab import watch
from optbench.lab.single import trial
from optbench.registry.registry import registry
from optbench.results.results import STORE, Results
from optbench.store.store import Store
from optbench.training import checkpoint
from optbench.training.trainer import collect
from support.suites import ACCURATE, bowl, moons, searched, suite, table

FLIPS = int(os.environ.get("OPTBENCH_TEST_FLIPS", "60"))
CLAIM = {
    "statement": "Adam is better", "workloads": ["moons"], "better": "adam", "worse": "sgd",
    "metric": "final_train_loss",
}  # fmt: skip
SUITE = suite(
    moons(samples=60, hidden=[4], epochs=3, target=ACCURATE), bowl(steps=20), searched("sgd", "adam"),
    table("[[claims]]", CLAIM),
)  # fmt: skip


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The bytes of a real store."""
    folder = tmp_path_factory.mktemp("stored")
    (folder / "tiny.toml").write_text(SUITE)
    optbench.run(folder / "tiny.toml", engine="serial", out=folder / "out", report=False)
    return (folder / "out" / STORE).read_bytes()


def read_all(folder):
    """Everything that reading commands ask of a store."""
    results = Results(folder)
    for look in ("title", "suite", "environment", "problems", "bridges", "trials", "curves", "costs"):
        getattr(results, look)
    for look in ("leaderboard", "workload_table", "variants", "cautions", "claims"):
        getattr(results, look)()


def go_on(path):
    """Everything that a run which goes on asks of a store."""
    with Store(path, create=True) as store:
        store.finished_count()
        for _ in store.runs():
            pass
        store.assignments(), store.costs(), store.selected(), store.get("suite")
        store.set("title", "again")


def survives(folder, content):
    """Whether a store was read. Whatever else is raised than an error for users fails the test."""
    path = folder / STORE
    path.write_bytes(content)
    accepted = True
    for use, place in ((read_all, folder), (go_on, path)):
        try:
            use(place)
        except OptbenchError as error:
            message = str(error)
            accepted = False
    for file in folder.iterdir():
        file.unlink()
    assert accepted or str(path) in message
    return accepted


def flipped(content, chance):
    content = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 3, 30])):
        at = chance.randrange(len(content) if chance.random() < 0.8 else 200)
        content[at] ^= 1 << chance.randrange(8)
    return bytes(content)


def test_the_store_itself(stored, tmp_path):
    assert survives(tmp_path, stored)


@pytest.mark.slow
def test_many_flipped_bits(stored, tmp_path):
    chance = random.Random(int(os.environ.get("OPTBENCH_TEST_SEED", "2")))
    found = [survives(tmp_path, flipped(stored, chance)) for _ in range(FLIPS)]
    print(f"{found.count(False)} of {FLIPS} spoiled stores were refused, the others read")
    assert 0 < found.count(False) < FLIPS


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE meta SET value = '{}'",
        "UPDATE meta SET value = '[[[1]]]'",
        "UPDATE meta SET value = '" + "[" * 100_000 + "'",
        "UPDATE meta SET value = 'null'",
        "UPDATE texts SET text = '{}' WHERE id = 1",
        "UPDATE texts SET text = '7' WHERE id = 1",
        "UPDATE meta SET value = '{\"candidates\": [7], \"claims\": 7}' WHERE name = 'suite'",
        "UPDATE trials SET components = '[]'",
        "UPDATE trials SET seed = 'x'",
        "UPDATE runs SET numbers = zeroblob(1000000)",
        "UPDATE runs SET count = 1000000000000",
        "UPDATE runs SET metrics = '{\"a\": 1}'",
        "UPDATE runs SET numbers = 'text', message = x'ff00'",
        "UPDATE assignments SET candidate = x'ff'",
        "UPDATE assignments SET number = 1e300",
        "UPDATE costs SET seconds_per_step = 'soon'",
        "INSERT INTO arrays SELECT key, 'a', '<f8', '[1000000000000]', x'00' FROM runs",
        "ALTER TABLE runs RENAME COLUMN count TO counted",
        "CREATE VIEW more AS SELECT * FROM runs",
        "CREATE INDEX more ON runs (abs(count))",
        "CREATE TRIGGER more AFTER INSERT ON meta BEGIN DELETE FROM runs; END",
    ],
)
def test_rows_that_no_run_wrote(stored, tmp_path, statement):
    path = tmp_path / "crafted.sqlite"
    path.write_bytes(stored)
    database = sqlite3.connect(path)
    database.execute(statement)
    database.commit()
    database.close()
    content = path.read_bytes()
    path.unlink()
    survives(tmp_path, content)


# ------------------------------------------------------------------------------------------------- checkpoints


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a checkpoint of step 10 of 20."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "tiny.toml").write_text(SUITE)
    session = watch.begin(folder / "out", trial(registry(), "bowl", str(folder / "tiny.toml")), registry())
    collect(session.training, lambda _: session.remember(always=True) if session.training.number == 10 else None)
    session.save()
    return folder / "out"


def resumes(folder):
    try:
        watch.resume(folder, {}, registry())
    except OptbenchError:
        return False
    return True


def test_the_checkpoint_itself(trained):
    assert resumes(trained)


def test_checkpoints_with_flipped_bits(trained, tmp_path):
    whole = (trained / watch.CHECKPOINT).read_bytes()
    chance = random.Random(3)
    for _ in range(100):
        (tmp_path / watch.CHECKPOINT).write_bytes(flipped(whole, chance))
        resumes(tmp_path)


def replaced(tree, chance):
    """The tree with one of its branches or leaves replaced."""
    other = [None, -1, 10**30, 1e308, "x", [], {}, [[]], {"name": "nowhere"}, np.zeros(3), np.zeros((0, 2)), "a:os:b"]
    if isinstance(tree, (dict, list)) and tree and chance.random() < 0.9:
        copied = dict(tree) if isinstance(tree, dict) else list(tree)
        where = chance.choice(list(copied)) if isinstance(tree, dict) else chance.randrange(len(copied))
        if chance.random() < 0.1:
            del copied[where]
        else:
            copied[where] = replaced(copied[where], chance)
        return copied
    return chance.choice(other)


def test_checkpoints_with_other_content(trained, tmp_path):
    """Whole archives, with a right digest, of trees that no training wrote."""
    tree = checkpoint.load(trained / watch.CHECKPOINT)
    chance = random.Random(4)
    found = []
    for _ in range(100):
        checkpoint.save(tmp_path / watch.CHECKPOINT, replaced(tree, chance))
        found.append(resumes(tmp_path))
    assert found.count(False) > 30


@pytest.mark.parametrize("other", [1e308, -1, np.zeros((0, 2)), {"name": "nowhere"}], ids=repr)
def test_no_field_of_a_checkpoint_is_of_another_kind(trained, tmp_path, other):
    tree = checkpoint.load(trained / watch.CHECKPOINT)
    for name in tree:
        checkpoint.save(tmp_path / watch.CHECKPOINT, {**tree, name: other})
        assert not resumes(tmp_path), name


def test_an_archive_that_would_grow_is_refused(tmp_path):
    path = tmp_path / "c.npz"
    np.savez_compressed(path, tree=np.array("{}"), digest=np.array(""), a=np.zeros(10**7))
    with pytest.raises(OptbenchError, match="compressed"):
        checkpoint.load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tree.npy", header("<f8", (10**12,)) + bytes(8))
    with pytest.raises(OptbenchError, match="not a whole checkpoint"):
        checkpoint.load(path)


def header(dtype, shape):
    text = repr({"descr": dtype, "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def test_a_tree_of_any_depth_is_refused(tmp_path):
    path = tmp_path / "c.npz"
    text = json.dumps({"version": checkpoint.VERSION, "tree": 0}).replace("0}", "[" * 10**5 + "]" * 10**5 + "}")
    np.savez(path, tree=np.array(text), digest=np.array(""))
    with pytest.raises(OptbenchError, match="not a whole checkpoint"):
        checkpoint.load(path)


# ----------------------------------------------------------------------------------- nothing outside the folder


@pytest.mark.parametrize(
    "name", ["../../up", "/tmp/up", "a\\\\..\\\\b", "<script>1</script>", "\\u001b[2J", " x ", "a\\nb"]
)
def test_names_that_could_be_paths_or_more_are_refused(tmp_path, name):
    (tmp_path / "x.toml").write_text(SUITE.replace('name = "bowl"', f'name = "{name}"'))
    with pytest.raises(OptbenchError, match="a name is a printable text without slashes, quotes or outer blanks"):
        optbench.run(tmp_path / "x.toml", out=tmp_path / "out")


@pytest.mark.slow
def test_names_and_titles_with_markup_stay_text_and_in_the_folder(tmp_path):
    text = SUITE.partition("[[claims]]")[0].replace("Tiny", "<script>alert(1)</script>")
    text = text.replace('"adam"\noptimizer', '"<img src=x onerror=alert(1)>"\noptimizer')
    text = text.replace('"sgd"\noptimizer', '"{{ 7 * 7 }}"\noptimizer')
    inside = tmp_path / "deep"
    inside.mkdir()
    (inside / "names.toml").write_text(text)
    before = set(tmp_path.rglob("*"))
    optbench.run(inside / "names.toml", engine="serial", out=inside / "out", workloads=["bowl"])
    new = set(tmp_path.rglob("*")) - before
    assert all((inside / "out") in (path, *path.parents) for path in new)
    page = (inside / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "{{ 7 * 7 }}" in page
