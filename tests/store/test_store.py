"""The store: what goes in comes out, bit for bit; what is acknowledged stays; what is no store is refused."""

import math
import os
import signal
import sqlite3
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError
from optbench.store import schema
from optbench.store.packing import pack, pack_array, unpack, unpack_array
from optbench.store.store import Store
from optbench.trials.trial import OUTCOMES, Assignment, Run, Trial

numbers = st.floats(allow_nan=True, allow_infinity=True)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)  # lone surrogates: a test of their own
counts = st.integers(0, 2**53)
measurements = st.builds(Measurement, counts, numbers, counts, *[numbers] * 7)
runs = st.builds(
    Run,
    outcome=st.sampled_from(OUTCOMES),
    measurements=st.lists(measurements, max_size=4).map(tuple),
    kept=st.integers(-1, 3),
    test_loss=numbers,
    test_metric=numbers,
    message=text,
    traceback=text,
    metrics=st.dictionaries(text, numbers, max_size=3),
    arrays=st.dictionaries(
        text,
        st.sampled_from(["<f8", ">f8", "<f4", "|b1", "<i8", ">i4", "|u1", "<c16"]).flatmap(
            lambda dtype: arrays(np.dtype(dtype), array_shapes(min_dims=0, min_side=0, max_side=3))
        ),
        max_size=2,
    ),
)


def trial(seed=0, name="digits", target=0.9, rate=0.1):
    workload = {
        "name": name,
        "loss": "mean_squared_error",
        "target": {"metric": "train_loss", "value": target},
    }
    return Trial(
        workload, {"optimizer": {"name": "sgd", "lr": rate}}, seed, {"optimizer:sgd": "optbench 0.1"}
    )


def measurement(step, loss=1.0):
    return Measurement(step, step / 10, step, step * 0.5, 0.1, loss, 0.5, loss, 0.5, 1.0)


def bits(value):
    return struct.pack("<d", value)


def same(one, two):
    """Whether two runs are equal to the bit."""
    flat = [[x for m in run.measurements for x in vars(m).values()] for run in (one, two)]
    heads = [[run.test_loss, run.test_metric, *run.metrics.values()] for run in (one, two)]
    plain = [(run.outcome, run.kept, run.message, run.traceback, list(run.metrics)) for run in (one, two)]
    return (
        plain[0] == plain[1]
        and list(map(bits, flat[0])) == list(map(bits, flat[1]))
        and list(map(bits, heads[0])) == list(map(bits, heads[1]))
        and list(one.arrays) == list(two.arrays)
        and all(
            a.shape == b.shape and a.astype(b.dtype).tobytes() == b.tobytes()
            for a, b in zip(one.arrays.values(), two.arrays.values(), strict=True)
        )
    )


# ------------------------------------------------------------------------------------------------ round trips


@given(run=runs)
def test_a_packed_run_comes_back_to_the_bit(run):
    copies = {name: unpack_array(*pack_array(name, value)[1:]) for name, value in run.arrays.items()}
    assert same(run, unpack(pack(run), copies))


@settings(max_examples=25, deadline=None)
@given(kept=st.lists(runs, min_size=1, max_size=3))
def test_a_stored_run_comes_back_to_the_bit(tmp_path_factory, kept):
    path = tmp_path_factory.mktemp("store") / "store.sqlite"
    with Store(path, create=True) as store:
        for seed, run in enumerate(kept):
            store.add(trial(seed), run)
    with Store(path, readonly=True) as store:
        for seed, run in enumerate(kept):
            assert same(run, store.run(trial(seed).key))
        assert [t for t, _ in store.runs()] == [trial(seed) for seed in range(len(kept))]
        assert all(same(a, b) for a, (_, b) in zip(kept, store.runs(), strict=True))


def test_numpy_scalars_and_lone_surrogates_are_stored_as_plain_values(tmp_path):
    run = Run(
        "done", (measurement(np.int64(3), np.float32(0.5)),), np.int64(0), np.float32(0.25), message="a\udc80"
    )
    with Store(tmp_path / "s", create=True) as store:
        store.add(trial(), run)
        back = store.run(trial().key)
    assert back.measurements[0].step == 3
    assert back.measurements[0].train_loss == 0.5
    assert back.test_loss == 0.25
    assert back.message == "a\\udc80"


def test_an_array_of_objects_is_refused_and_nothing_of_its_batch_is_kept(tmp_path):
    bad = Run("done", arrays={"path": np.array([object()])})
    with Store(tmp_path / "s", create=True) as store:
        with pytest.raises(OptbenchError, match=r"'path'.*object"):
            store.add_all([(trial(0), Run("done")), (trial(1), bad)])
        assert store.finished() == set()


def test_metadata_costs_and_selections(tmp_path):
    with Store(tmp_path / "s", create=True) as store:
        store.set("suite", {"title": "Ünï", "seeds": 5})
        store.set("suite", {"title": "Ünï", "seeds": 6})
        store.add_costs(
            [("w", "a", np.float64(1e-4), 9e-5, math.nan, np.int64(7)), ("w", "b", 1.0, 1.0, 1.0, 1)]
        )
        store.add_costs([("w", "b", 2.0, 1.5, 2.5, 3)])
        store.select("w", "a", 0, "key")
        store.select("w", "a", 0, "other")
    with Store(tmp_path / "s", readonly=True) as store:
        assert store.get("suite") == {"title": "Ünï", "seeds": 6}
        assert store.get("nothing", 3) == 3
        first, second = store.costs()
        assert first[:4] == ("w", "a", 1e-4, 9e-5)
        assert math.isnan(first[4])
        assert first[5] == 7
        assert second == ("w", "b", 2.0, 1.5, 2.5, 3)
        assert store.selected() == {("w", "a", 0): "other"}


# --------------------------------------------------------------------------------------- keys and assignments


def test_the_first_run_of_a_key_stays(tmp_path):
    with Store(tmp_path / "s", create=True) as store:
        store.add(trial(), Run("done", message="first", arrays={"a": np.ones(2)}))
        store.add(trial(), Run("error", message="second", arrays={"b": np.ones(2)}))
        assert store.run(trial().key).message == "first"
        assert list(store.run(trial().key).arrays) == ["a"]
        assert store.finished() == {trial().key}
        assert store.run("unknown") is None


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_counts_as_finished(tmp_path, outcome):
    with Store(tmp_path / "s", create=True) as store:
        store.add(trial(), Run(outcome))
        assert store.finished() == {trial().key}


def test_assigning_twice_changes_nothing_but_the_target(tmp_path):
    first = Assignment("digits", "sgd", "final", 0, 0, trial())
    assert trial().key == trial(name="wide", target=0.5).key
    other = Assignment("wide", "sgd", "final", 0, 0, trial(name="wide", target=0.5))
    with Store(tmp_path / "s", create=True) as store:
        store.assign([first, other])
        store.assign([first])
        assert store.assignments() == [first, other]  # one key, and yet each keeps its own name and target
        moved = replace(first, trial=trial(target=0.8))
        store.assign([moved])
        assert store.assignments() == [moved, other]


def test_a_cleared_plan_keeps_the_runs(tmp_path):
    with Store(tmp_path / "s", create=True) as store:
        store.assign([Assignment("digits", "sgd", "final", 0, 0, trial())])
        store.add(trial(), Run("done"))
        store.clear_plan()
        assert store.assignments() == []
        assert list(store.planned_runs()) == []
        assert store.finished() == {trial().key}


# -------------------------------------------------------------------------------------------------- processes


def test_a_reader_works_while_a_writer_writes(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path, create=True) as writer, Store(path, readonly=True) as reader:
        for seed in range(3):
            writer.add(trial(seed), Run("done"))
            assert len(reader.finished()) == seed + 1
            with writer._transaction() as db:  # and in the middle of a transaction it sees what was before
                db.execute("DELETE FROM runs")
                assert len(reader.finished()) == seed + 1
                db.execute("ROLLBACK")
                db.execute("BEGIN")
    assert len(Store(path, readonly=True).finished()) == 3


def test_a_closed_store_is_one_file_and_a_reader_cannot_write(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path, create=True) as store:
        store.add(trial(), Run("done"))
    before = path.read_bytes()
    with Store(path, readonly=True) as store:
        assert os.listdir(tmp_path) == ["store.sqlite"]
        with pytest.raises(OptbenchError, match="cannot be opened or written"):
            store.add(trial(1), Run("done"))
    assert path.read_bytes() == before


WRITER = """
import sys
from optbench.contract.components import Measurement
from optbench.store.store import Store
from optbench.trials.trial import Run, Trial
store = Store(sys.argv[1], create=True)
for seed in range(10**6):
    t = Trial({"name": "w"}, {"optimizer": {"name": "sgd"}}, seed, {})
    store.add(t, Run("done", (Measurement(*range(10)),) * 50, 49, float(seed)))
    print(t.key, flush=True)
"""


def test_a_killed_writer_loses_no_acknowledged_trial(tmp_path):
    path = tmp_path / "store.sqlite"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    with process:
        acknowledged = [process.stdout.readline().strip() for _ in range(20)]
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        acknowledged += process.stdout.read().split()
    with Store(path) as store:
        assert set(acknowledged) <= store.finished()
        seeds = {t.key: t.seed for t, _ in store.runs()}
        assert all(store.run(key).test_loss == seeds[key] for key in acknowledged)


# --------------------------------------------------------------------------------- what is refused, unchanged


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path, create=True) as store:
        store.add_all(
            (trial(seed), Run("done", tuple(measurement(s, math.nan) for s in range(30))))
            for seed in range(100)
        )
    return path


def refused(path, words, header=0):
    """Refused at opening or while reading, and not changed behind `header` bytes."""
    before = path.read_bytes()
    for mode in ({}, {"create": True}, {"readonly": True}):
        with pytest.raises(OptbenchError, match=words) as error, Store(path, **mode) as store:
            for _ in store.runs():
                pass
        assert str(path) in str(error.value)
    assert path.read_bytes()[header:] == before[header:]


def test_a_newer_store(path):
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {schema.SCHEMA + 6}")
    db.close()
    refused(path, rf"schema {schema.SCHEMA + 6}.*up to schema {schema.SCHEMA}")


def test_a_store_that_was_cut_off(path):
    whole = path.read_bytes()
    for size in (50, 1000, 4096, len(whole) // 2, len(whole) // 2 // 4096 * 4096, len(whole) - 100):
        path.write_bytes(whole[:size])
        refused(path, "damaged|not an optbench store")


def test_a_store_with_noise_in_it(path):
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for start in (0, 100, 4096, len(whole) // 2, len(whole) - 5000):
        path.write_bytes(whole[:start] + rng.bytes(4096) + whole[start + 4096 :])
        refused(path, "damaged|not an optbench store")


def test_one_flipped_bit_in_a_curve(path):
    whole = bytearray(path.read_bytes())
    at = whole.find(struct.pack("<d", 29 * 0.5))
    whole[at + 6] ^= 1
    path.write_bytes(whole)
    refused(path, "damaged.*checksum", header=100)


@pytest.mark.parametrize(
    "content", [b"title = 'not SQLite'\n", b"\x00" * 5000, b"SQLite format 3\x00" + b"x" * 5000]
)
def test_a_file_that_is_no_database(tmp_path, content):
    path = tmp_path / "store.sqlite"
    path.write_bytes(content)
    refused(path, "not an optbench store|damaged")


def test_a_database_of_another_program(tmp_path):
    path = tmp_path / "store.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE bookmarks (url)")
    db.commit()
    db.close()
    refused(path, "another program")


def test_a_store_with_a_view_or_trigger_in_it(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END")
    db.commit()
    db.close()
    refused(path, "tables are not those")


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("runs", "count", 2**40),
        ("runs", "outcome", "splendid"),
        ("runs", "metrics", "[" * 100_000),
        ("trials", "components", "{"),
        ("trials", "workload", 99),
    ],
)
def test_hostile_rows(path, table, column, value):
    db = sqlite3.connect(path)
    db.execute(f"UPDATE {table} SET {column} = ?", (value,))
    db.commit()
    db.close()
    refused(path, "damaged", header=100)


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [("|O", "[1]"), ("<f8", "[1000000000000]"), ("<f8", "[-1]"), ("<f8", "7"), ("<f8", "[1.0]")],
)
def test_hostile_arrays(path, dtype, shape):
    db = sqlite3.connect(path)
    db.execute("INSERT INTO arrays VALUES (?, 'a', ?, ?, ?)", (trial().key, dtype, shape, b"12345678"))
    db.commit()
    db.close()
    refused(path, "damaged", header=100)


def test_what_is_missing_or_cannot_be_made(tmp_path):
    with pytest.raises(OptbenchError, match="there is no store"):
        Store(tmp_path / "nothing")
    with pytest.raises(OptbenchError, match="there is no store"):
        Store(tmp_path / "nothing", create=True, readonly=True)
    with pytest.raises(OptbenchError, match="folder"):
        Store(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OptbenchError, match="file"):
        Store(tmp_path / "file" / "store.sqlite", create=True)
    assert os.listdir(tmp_path) == ["file"]


def test_a_store_whose_making_was_killed_is_made_again(tmp_path):
    (tmp_path / "empty").touch()
    Store(tmp_path / "empty", create=True).close()
    db = sqlite3.connect(tmp_path / "bare")
    db.execute("PRAGMA journal_mode = WAL")  # as far as a process may come before its first transaction
    db.close()
    with Store(tmp_path / "bare", create=True) as store:
        assert store.finished() == set()


# -------------------------------------------------------------------------------------------------- migration


def rename(db):
    db.execute("ALTER TABLE meta RENAME TO facts")


def test_an_older_store_is_migrated_and_a_reader_leaves_it_alone(path, monkeypatch):
    monkeypatch.setattr(schema, "SCHEMA", schema.SCHEMA + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", {schema.SCHEMA - 1: rename})
    tables = {"facts" if name == "meta" else name: columns for name, columns in schema.TABLES.items()}
    monkeypatch.setattr(schema, "TABLES", tables)
    before = path.read_bytes()
    with Store(path, readonly=True) as store:
        assert len(store.finished()) == 100
    assert path.read_bytes() == before
    with Store(path) as store:
        assert len(store.finished()) == 100
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (schema.SCHEMA,)
    assert db.execute("SELECT count(*) FROM facts").fetchone() == (0,)
    db.close()


def test_a_migration_that_fails_changes_nothing(path, monkeypatch):
    def broken(db):
        rename(db)
        db.execute("ALTER TABLE missing RENAME TO present")

    monkeypatch.setattr(schema, "SCHEMA", schema.SCHEMA + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", {schema.SCHEMA - 1: broken})
    with pytest.raises(OptbenchError, match="no such table"):
        Store(path)
    monkeypatch.undo()
    with Store(path) as store:
        assert len(store.finished()) == 100


def test_what_is_kept_together_is_there_altogether_or_not_at_all(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path, create=True) as store, Store(path, readonly=True) as reader:
        with store.together():
            store.add(trial(0), Run("done"))
            store.assign([Assignment("w", "sgd", "final", 0, 0, trial(1))])
            assert reader.finished() == set()
        assert reader.finished() == {trial(0).key}
        with suppress(RuntimeError), store.together():
            store.add(trial(1), Run("done"))
            raise RuntimeError
        assert reader.finished() == store.finished([trial(0).key, trial(1).key]) == {trial(0).key}
        assert len(store.assignments()) == store.finished_count() == 1


def test_the_first_final_run_that_ended_well_stands_for_a_candidate(tmp_path):
    with Store(tmp_path / "store.sqlite", create=True) as store:
        places = [("w", "sgd", 0), ("w", "sgd", 1), ("w", "sgd", 2), ("w", "adam", 0), ("v", "adam", 3)]
        for workload, candidate, number in places:
            store.assign([Assignment(workload, candidate, "final", 0, number, trial(number, workload))])
        store.assign([Assignment("w", "lion", "tune", 0, 1, trial(1, "w"))])
        store.add(trial(0, "w"), Run("diverged"))
        store.add(trial(2, "w"), Run("done"))
        store.add(trial(1, "w"), Run("stopped"))
        found = [(a.workload, a.candidate, a.number, a.trial) for a in store.first_finals()]
        assert found == [("w", "sgd", 1, trial(1, "w"))]
