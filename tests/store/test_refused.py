"""What is no store, or a damaged one, is refused and left as it is."""

import gc
import os
import sqlite3
import struct
import warnings

import numpy as np
import pytest

from optbench.contract.errors import OptbenchError
from optbench.store import schema
from optbench.store.store import Store
from support.stores import trial


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


HOSTILE = {
    "generated": ("meta", "name TEXT PRIMARY KEY, value TEXT AS (printf('%.*c', 900000000, 'x'))"),
    "check": ("meta", "name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (length(randomblob(900000000)) > 0)"),
    "default": ("meta", "name TEXT PRIMARY KEY, value TEXT NOT NULL DEFAULT (zeroblob(900000000))"),
    "collation": ("texts", "id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE COLLATE NOCASE"),
    "more": ("runs", f"{schema.TABLES['runs']}, more TEXT AS (hex(zeroblob(400000000)))"),
}


@pytest.mark.parametrize("layout", [schema.SCHEMA, 1])
@pytest.mark.parametrize("case", HOSTILE)
def test_a_strangers_expressions_are_refused_before_they_are_worked_out(tmp_path, case, layout):
    path = tmp_path / "store.sqlite"
    tables = schema.LAYOUTS.get(layout, schema.TABLES)
    db = sqlite3.connect(path)
    for name, columns in tables.items():
        db.execute(f"CREATE TABLE {name} ({columns})")
    db.execute(f"PRAGMA application_id = {schema.APPLICATION}")
    db.execute(f"PRAGMA user_version = {layout}")
    table, columns = HOSTILE[case]
    db.execute(f"DROP TABLE {table}")
    db.execute(f"CREATE TABLE {table} ({columns})")
    db.close()
    refused(path, "its tables are not those of schema")
    told = []
    db = schema.connect(path, create=False, readonly=True)
    db.set_trace_callback(told.append)
    with pytest.raises(OptbenchError, match="its tables are not those"):
        schema.verify(db, path, readonly=True)
    db.close()
    assert not [text for text in told if "quick_check" in text or (" FROM " in text and "sqlite_master" not in text)]


def test_a_reader_that_finds_no_database_leaves_no_connection_open(tmp_path):
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"SQLite format 3\x00" + bytes([16, 0]) + b"x" * 4078)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        for mode in ({"readonly": True}, {}):
            with pytest.raises(OptbenchError):
                Store(path, **mode)
        gc.collect()
    assert not caught


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
