"""From each layout of the store to the next. What a step needs of a layout it states itself: `schema` moves on."""

import json
import sqlite3
from collections.abc import Callable

from optbench.trials.trial import canonical

RUNS_2 = (
    "id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, outcome TEXT NOT NULL, kept INTEGER NOT NULL,"
    " count INTEGER NOT NULL, metrics TEXT NOT NULL, message TEXT NOT NULL, traceback TEXT NOT NULL,"
    " checksum INTEGER NOT NULL, environment INTEGER NOT NULL, finished REAL, numbers BLOB NOT NULL"
)
COSTS_2 = (
    "workload TEXT NOT NULL, candidate TEXT NOT NULL, seconds_per_step REAL, low REAL, high REAL,"
    " samples INTEGER NOT NULL, environment INTEGER NOT NULL, PRIMARY KEY (workload, candidate, environment)"
)


def remember_environments(db: sqlite3.Connection) -> None:
    """Schema 1 knew one environment, that of the last run, and not when a trial had finished.

    Whole tables are written again: a column that is added would lie behind the blob of a row.
    """
    row = db.execute("SELECT value FROM meta WHERE name = 'environment'").fetchone()
    text = "{}" if row is None else canonical(json.loads(row[0]))
    db.execute("INSERT OR IGNORE INTO texts (text) VALUES (?)", (text,))
    (number,) = db.execute("SELECT id FROM texts WHERE text = ?", (text,)).fetchone()
    kept = "id, key, outcome, kept, count, metrics, message, traceback, checksum"
    moves = [
        ("runs", RUNS_2, f"{kept}, environment, finished, numbers", f"{kept}, ?, NULL, numbers"),
        (
            "costs",
            COSTS_2,
            "workload, candidate, seconds_per_step, low, high, samples, environment",
            "workload, candidate, seconds_per_step, low, high, samples, ?",
        ),
    ]
    for table, layout, columns, values in moves:
        db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
        db.execute(f"CREATE TABLE {table} ({layout})")
        query = f"INSERT INTO {table} ({columns}) SELECT {values} FROM old_{table} ORDER BY rowid"
        db.execute(query, (number,))
        db.execute(f"DROP TABLE old_{table}")


#: MIGRATIONS[n] turns schema n into n + 1, within the transaction that it is called in
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {1: remember_environments}
