"""A migration is made altogether or not at all, whatever it does."""

import sqlite3

import pytest

from optbench.contract.errors import OptbenchError
from optbench.store import schema
from optbench.store.store import Store


def rename(db):
    db.execute(f"CREATE TABLE facts ({schema.TABLES.get('meta') or schema.TABLES['facts']})")
    db.execute("INSERT INTO facts SELECT * FROM meta")
    db.execute("DROP TABLE meta")


def test_an_older_store_is_migrated_and_a_reader_leaves_it_alone(path, monkeypatch):
    monkeypatch.setattr(schema, "SCHEMA", schema.SCHEMA + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", {schema.SCHEMA - 1: rename})
    monkeypatch.setattr(schema, "LAYOUTS", {schema.SCHEMA - 1: schema.TABLES})
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
    monkeypatch.setattr(schema, "LAYOUTS", {schema.SCHEMA - 1: schema.TABLES})
    with pytest.raises(OptbenchError, match="no such table"):
        Store(path)
    monkeypatch.undo()
    with Store(path) as store:
        assert len(store.finished()) == 100
