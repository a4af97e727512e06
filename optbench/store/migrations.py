"""From each layout of the store to the next. What a step needs of a layout it states itself: `schema` moves on.

A step leaves tables whose text is that of the next layout, to the letter: it makes them anew, and alters none.
"""

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


TRIALS_3 = (
    "key TEXT PRIMARY KEY, workload INTEGER NOT NULL, components TEXT NOT NULL, seed INTEGER NOT NULL,"
    " providers INTEGER NOT NULL, contract INTEGER NOT NULL, sources INTEGER NOT NULL"
)
LIMITS_3 = "key TEXT PRIMARY KEY, timeout REAL, memory INTEGER NOT NULL, outside INTEGER NOT NULL"


def remember_sources(db: sqlite3.Connection) -> None:
    """Schema 2 did not know which code and data its trials were made with, nor the limits of those that failed.

    Their keys stay, of the old kind: no trial that is planned now has one of these, so none is taken for its result.
    """
    db.execute("INSERT OR IGNORE INTO texts (text) VALUES ('{}')")
    (number,) = db.execute("SELECT id FROM texts WHERE text = '{}'").fetchone()
    db.execute("ALTER TABLE trials RENAME TO old_trials")
    db.execute(f"CREATE TABLE trials ({TRIALS_3})")
    db.execute("INSERT INTO trials SELECT *, ? FROM old_trials ORDER BY rowid", (number,))
    db.execute("DROP TABLE old_trials")
    db.execute(f"CREATE TABLE limits ({LIMITS_3})")


def remember_evaluations(db: sqlite3.Connection) -> None:
    """Suites in stores of schema 3 did not say what an evaluation reads: it was 1,024 training examples and all of the
    validation split, each time. Trials stay as they are: their keys are of the older kind."""
    row = db.execute("SELECT value FROM meta WHERE name = 'suite'").fetchone()
    suite = {} if row is None else json.loads(row[0])
    workloads = suite.get("workloads") if isinstance(suite, dict) else None
    if not isinstance(workloads, list):
        return
    for workload in workloads:
        if isinstance(workload, dict) and workload.get("dataset"):
            workload.update({"evaluate_examples": 1024, "validate_every": 1, **workload})
    db.execute("UPDATE meta SET value = ? WHERE name = 'suite'", (json.dumps(suite),))


LAYOUT_1 = {
    "meta": "name TEXT PRIMARY KEY, value TEXT NOT NULL",
    "texts": "id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE",
    "trials": "key TEXT PRIMARY KEY, workload INTEGER NOT NULL, components TEXT NOT NULL,"
    " seed INTEGER NOT NULL, providers INTEGER NOT NULL, contract INTEGER NOT NULL",
    "assignments": "id INTEGER PRIMARY KEY, workload TEXT NOT NULL, candidate TEXT NOT NULL,"
    " phase TEXT NOT NULL, study INTEGER NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL,"
    " settings INTEGER NOT NULL, UNIQUE (workload, candidate, phase, study, number, key)",
    "runs": "id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, outcome TEXT NOT NULL, kept INTEGER NOT NULL,"
    " count INTEGER NOT NULL, metrics TEXT NOT NULL, message TEXT NOT NULL, traceback TEXT NOT NULL,"
    " checksum INTEGER NOT NULL, numbers BLOB NOT NULL",
    "arrays": "key TEXT NOT NULL, name TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL,"
    " data BLOB NOT NULL, PRIMARY KEY (key, name)",
    "costs": "workload TEXT NOT NULL, candidate TEXT NOT NULL, seconds_per_step REAL, low REAL, high REAL,"
    " samples INTEGER NOT NULL, PRIMARY KEY (workload, candidate)",
    "selected": "workload TEXT NOT NULL, candidate TEXT NOT NULL, study INTEGER NOT NULL, key TEXT NOT NULL,"
    " PRIMARY KEY (workload, candidate, study)",
}
#: the tables of older layouts: a file is of its layout, to the letter, or refused
LAYOUTS = {1: LAYOUT_1, 2: {**LAYOUT_1, "runs": RUNS_2, "costs": COSTS_2}}
LAYOUTS[3] = {**LAYOUTS[2], "trials": TRIALS_3, "limits": LIMITS_3}
#: MIGRATIONS[n] turns schema n into n + 1, within the transaction that it is called in
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: remember_environments,
    2: remember_sources,
    3: remember_evaluations,
}
