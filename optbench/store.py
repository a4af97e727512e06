"""The store: one SQLite file that holds what was run and what came of it.

    texts        settings of workloads and providers as canonical JSON, each once
    trials       by key: everything that decides a result
    assignments  what each trial is for: workload, candidate, phase, study, number
    runs, arrays what came of a trial, by key (see `optbench.packing`)
    costs        calibrated seconds of a step, by workload and candidate
    selected     which tuned trial was chosen
    meta         the suite as run, the environment, problems: JSON by name

The process that started a run is the one writer. `synchronous=FULL` and one transaction an addition: what `add` has
returned from survives a killed process and a power cut. In WAL mode readers work meanwhile. A closed store is one
ordinary file. Nothing is ever unpickled, so opening a stranger's store executes nothing from it.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from optbench import packing
from optbench.errors import OptbenchError
from optbench.trial import Assignment, Run, Trial, canonical

#: the store's name within the folder of a run
FILE_NAME = "store.sqlite"
#: the schema number, `PRAGMA user_version`
SCHEMA = 1
#: "optb": tells our files from other programs' SQLite files
APPLICATION = 0x6F707462
#: MIGRATIONS[n] turns schema n into n + 1, within the transaction that it is called in
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {}

TABLES = {
    "meta": "name TEXT PRIMARY KEY, value TEXT NOT NULL",
    "texts": "id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE",
    "trials": "key TEXT PRIMARY KEY, workload INTEGER NOT NULL, components TEXT NOT NULL, seed INTEGER NOT NULL,"
    " providers INTEGER NOT NULL, contract INTEGER NOT NULL",
    "assignments": "id INTEGER PRIMARY KEY, workload TEXT NOT NULL, candidate TEXT NOT NULL, phase TEXT NOT NULL,"
    " study INTEGER NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL, settings INTEGER NOT NULL,"
    " UNIQUE (workload, candidate, phase, study, number, key)",
    # the blob last: queries for the other columns need not read past it
    "runs": "id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, outcome TEXT NOT NULL, kept INTEGER NOT NULL,"
    " count INTEGER NOT NULL, metrics TEXT NOT NULL, message TEXT NOT NULL, traceback TEXT NOT NULL,"
    " checksum INTEGER NOT NULL, numbers BLOB NOT NULL",
    "arrays": "key TEXT NOT NULL, name TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL,"
    " data BLOB NOT NULL, PRIMARY KEY (key, name)",
    "costs": "workload TEXT NOT NULL, candidate TEXT NOT NULL, seconds_per_step REAL, low REAL, high REAL,"
    " samples INTEGER NOT NULL, PRIMARY KEY (workload, candidate)",
    "selected": "workload TEXT NOT NULL, candidate TEXT NOT NULL, study INTEGER NOT NULL, key TEXT NOT NULL,"
    " PRIMARY KEY (workload, candidate, study)",
}  # fmt: skip

RUN_COLUMNS = ", ".join(f"runs.{name}" for name in packing.COLUMNS)
TRIAL_COLUMNS = "trials.workload, trials.components, trials.seed, trials.providers, trials.contract"


class Store:
    """Opens a store, or makes one with `create`; a context manager.

    OptbenchError where the file is newer than this optbench, no store, damaged, cut off, or cannot be written. A file
    that is refused is never changed. An older store is migrated; read-only, in memory.
    Use it in the thread that opened it.
    """

    def __init__(self, path: str | Path, create: bool = False, readonly: bool = False):
        self.path = Path(path)
        self.readonly = readonly
        self._texts: dict[int, Any] = {}
        self._check_file(create)
        self._db = self._connect(create)
        try:
            with self._guard():
                self._open()
        except BaseException:
            self._db.close()
            raise

    # ------------------------------------------------------------------------------------------ opening and closing

    def _check_file(self, create: bool) -> None:
        """Refuse, before SQLite touches it, what cannot be a whole store."""
        path = self.path
        try:
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                if create and not self.readonly:
                    return
                raise OptbenchError(f"{path}: there is no store")
            if not path.is_file():
                raise OptbenchError(f"{path}: not an optbench store but a folder or device")
            size = path.stat().st_size
            with path.open("rb") as file:
                header = file.read(100)
        except OSError as error:
            raise OptbenchError(
                f"{path}: {error.strerror or error}; choose a folder that can be written"
            ) from None
        if size == 0 and create:  # a process was killed between making the file and its first transaction
            return
        if header[:16] != b"SQLite format 3\0":
            raise OptbenchError(f"{path}: not an optbench store (not an SQLite file); it was left as it is")
        page = int.from_bytes(header[16:18], "big")
        page = 65536 if page == 1 else page
        if not _size(self._beside("-wal")) and (page < 512 or size % page):
            raise OptbenchError(f"{path}: the store is damaged: it was cut off; it was left as it is")

    def _connect(self, create: bool) -> sqlite3.Connection:
        mode = "ro" if self.readonly else "rwc" if create else "rw"
        uri = self.path.absolute().as_uri()
        try:
            db = sqlite3.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None, timeout=30)
            if self.readonly:
                try:
                    db.execute("SELECT count(*) FROM sqlite_master")
                except sqlite3.OperationalError:
                    # in a folder that cannot be written SQLite has no place for the index of a WAL
                    if _size(self._beside("-wal")):
                        raise
                    db.close()
                    db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
        except sqlite3.DatabaseError as error:
            raise self._error(error) from None
        return db

    def _open(self) -> None:
        db = self._db
        db.execute("PRAGMA trusted_schema = OFF")
        objects = {
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        }
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if not self.readonly:
            if version > SCHEMA and application == APPLICATION:
                raise self._newer(version)
            if application != APPLICATION and objects:
                raise OptbenchError(f"{self.path}: an SQLite file of another program, not an optbench store")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            if not objects and application == 0:
                with self._transaction():
                    for name, columns in TABLES.items():
                        db.execute(f"CREATE TABLE {name} ({columns})")
                    db.execute(f"PRAGMA application_id = {APPLICATION}")
                    db.execute(f"PRAGMA user_version = {SCHEMA}")
                return
        if application != APPLICATION:
            raise OptbenchError(f"{self.path}: an SQLite file of another program, not an optbench store")
        if version > SCHEMA:
            raise self._newer(version)
        (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise OptbenchError(f"{self.path}: the store is damaged ({found}); it was left as it is")
        if version < SCHEMA:
            self._migrate(version)
        kinds = dict(self._db.execute("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
        if kinds != dict.fromkeys(TABLES, "table"):
            raise OptbenchError(
                f"{self.path}: not an optbench store: its tables are not those of schema {SCHEMA}"
            )

    def _newer(self, version: int) -> OptbenchError:
        return OptbenchError(
            f"{self.path}: this store has schema {version}, but this optbench reads up to schema {SCHEMA}; "
            "use the version of optbench that wrote it, or a later one"
        )

    def _migrate(self, version: int) -> None:
        missing = [n for n in range(version, SCHEMA) if n not in MIGRATIONS]
        if missing:
            raise OptbenchError(f"{self.path}: schema {version} cannot be migrated to schema {SCHEMA}")
        if self.readonly:
            copy = sqlite3.connect(":memory:", isolation_level=None)
            self._db.backup(copy)
            self._db.close()
            self._db = copy
        with self._transaction():
            for number in range(version, SCHEMA):
                MIGRATIONS[number](self._db)
            self._db.execute(f"PRAGMA user_version = {SCHEMA}")

    def close(self) -> None:
        """Close the file. Without other readers its log is folded into it: what remains is one ordinary file."""
        if not self.readonly:
            try:
                self._db.execute("PRAGMA busy_timeout = 0")
                self._db.execute("PRAGMA journal_mode = DELETE")
            except sqlite3.Error:  # somebody reads, or it is closed already: the log stays, and is valid
                pass
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --------------------------------------------------------------------------------------------------- machinery

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """SQLite's errors, and those of decoding what it gave, as the one error that a user reads."""
        try:
            yield
        except sqlite3.ProgrammingError:  # a closed store, a wrong thread: the caller's mistake
            raise
        except (sqlite3.DatabaseError, OverflowError) as error:
            raise self._error(error) from None
        except (ValueError, TypeError, RecursionError) as error:
            raise OptbenchError(
                f"{self.path}: the store is damaged ({error}); it was left as it is"
            ) from None

    def _error(self, error: Exception) -> OptbenchError:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return OptbenchError(f"{self.path}: the store is damaged ({error}); it was left as it is")
        if name.startswith(
            ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_FULL", "SQLITE_IOERR")
        ):
            return OptbenchError(f"{self.path}: cannot be written or opened ({error}); what it holds is kept")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return OptbenchError(f"{self.path}: another process is writing to this store ({error})")
        return OptbenchError(f"{self.path}: {error}")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on disk when it ends."""
        with self._guard():
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            with self._guard():
                self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, (sqlite3.DatabaseError, OverflowError)):
                raise self._error(error) from None
            raise

    def _intern(self, settings: Any, known: dict[int, int]) -> int:
        """The id of the text of `settings`; `known` spares writing the same object again within one call."""
        if id(settings) not in known:
            text = canonical(settings)
            self._db.execute("INSERT OR IGNORE INTO texts (text) VALUES (?)", (text,))
            (known[id(settings)],) = self._db.execute(
                "SELECT id FROM texts WHERE text = ?", (text,)
            ).fetchone()
        return known[id(settings)]

    def _text(self, number: int) -> Any:
        """The settings of a text, decoded once and shared: treat them as constant."""
        if number not in self._texts:
            row = self._db.execute("SELECT text FROM texts WHERE id = ?", (number,)).fetchone()
            if row is None:
                raise ValueError(f"text {number} is missing")
            self._texts[number] = json.loads(row[0])
        return self._texts[number]

    def _trial(self, workload: int, components: str, seed: int, providers: int, contract: int) -> Trial:
        return Trial(self._text(workload), json.loads(components), seed, self._text(providers), contract)

    def _add_trial(self, trial: Trial, known: dict[int, int]) -> None:
        workload, providers = self._intern(trial.workload, known), self._intern(trial.providers, known)
        row = (trial.key, workload, canonical(trial.components), int(trial.seed), providers, trial.contract)
        self._db.execute("INSERT OR IGNORE INTO trials VALUES (?, ?, ?, ?, ?, ?)", row)

    # ---------------------------------------------------------------------------------------------------- metadata

    def set(self, name: str, value: Any) -> None:
        """Keep a value that JSON can hold: "suite", "environment", "problems", "title"."""
        text = json.dumps(value)
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, text))

    def get(self, name: str, default: Any = None) -> Any:
        with self._guard():
            row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
            return default if row is None else json.loads(row[0])

    # ------------------------------------------------------------------------------------------ trials and their runs

    def assign(self, assignments: Iterable[Assignment]) -> None:
        """Say what trials are for. Those that are known stay; a changed target or title of theirs is taken over."""
        known: dict[int, int] = {}
        assignments = list(assignments)  # ids in `known` hold only while the objects live
        with self._transaction() as db:
            for a in assignments:
                self._add_trial(a.trial, known)
                settings = known[id(a.trial.workload)]
                row = (a.workload, a.candidate, a.phase, int(a.study), int(a.number), a.trial.key, settings)
                db.execute(
                    "INSERT INTO assignments (workload, candidate, phase, study, number, key, settings)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET settings = excluded.settings",
                    row,
                )

    def assignments(self) -> list[Assignment]:
        """All assignments, in the order in which they were made."""
        query = (
            f"SELECT assignments.workload, candidate, phase, study, number, settings, {TRIAL_COLUMNS}"
            " FROM assignments JOIN trials USING (key) ORDER BY assignments.id"
        )
        with self._guard():
            return [
                Assignment(workload, candidate, phase, study, number, self._trial(settings, *row[1:]))
                for workload, candidate, phase, study, number, settings, *row in self._db.execute(query)
            ]

    def forget_assignments(self) -> None:
        """Forget what trials are for and which were selected; the runs stay, and resume by key as before.

        For a suite that was changed: trials that it no longer asks for then leave the tables and the report.
        """
        with self._transaction() as db:
            db.execute("DELETE FROM assignments")
            db.execute("DELETE FROM selected")

    def finished(self) -> set[str]:
        """Keys of the trials that have a run, whatever its outcome."""
        with self._guard():
            return {key for (key,) in self._db.execute("SELECT key FROM runs")}

    def add(self, trial: Trial, run: Run) -> None:
        """Keep a run; on disk when this returns. The first run of a key stays."""
        self.add_all([(trial, run)])

    def add_all(self, pairs: Iterable[tuple[Trial, Run]]) -> None:
        """Keep several runs in one transaction: all of them or, where one cannot be stored, none."""
        pairs = list(pairs)
        packed = [
            (packing.pack(run), [packing.pack_array(*item) for item in run.arrays.items()])
            for _, run in pairs
        ]
        known: dict[int, int] = {}
        with self._transaction():
            for (trial, _), (row, arrays) in zip(pairs, packed, strict=True):
                self._add_trial(trial, known)
                self._add_packed(trial.key, row, arrays)

    def _add_packed(self, key: str, row: tuple[Any, ...], arrays: Iterable[tuple[Any, ...]] = ()) -> None:
        marks = ", ".join("?" * (1 + len(packing.COLUMNS)))
        columns = ", ".join(packing.COLUMNS)
        done = self._db.execute(f"INSERT OR IGNORE INTO runs (key, {columns}) VALUES ({marks})", (key, *row))
        if done.rowcount:
            self._db.executemany(
                "INSERT INTO arrays VALUES (?, ?, ?, ?, ?)", ((key, *array) for array in arrays)
            )

    def arrays(self, key: str) -> dict[str, Any]:
        """The arrays of a run, by name; empty where there are none."""
        query = "SELECT name, dtype, shape, data FROM arrays WHERE key = ? ORDER BY rowid"
        with self._guard():
            return {name: packing.unpack_array(*row) for name, *row in self._db.execute(query, (key,))}

    def run(self, key: str) -> Run | None:
        """The run of a trial, bit for bit as it was added."""
        with self._guard():
            row = self._db.execute(f"SELECT {RUN_COLUMNS} FROM runs WHERE key = ?", (key,)).fetchone()
            return None if row is None else packing.unpack(row, self.arrays(key))

    def runs(self) -> Iterator[tuple[Trial, Run]]:
        """All trials that have a run, with it, in the order in which they were added."""
        query = f"SELECT runs.key, {TRIAL_COLUMNS}, {RUN_COLUMNS} FROM runs JOIN trials USING (key) ORDER BY runs.id"
        with self._guard():
            for key, *row in self._db.execute(query):
                yield self._trial(*row[:5]), packing.unpack(tuple(row[5:]), self.arrays(key))

    # ------------------------------------------------------------------------------------------ costs and selections

    def add_costs(self, rows: Iterable[tuple[str, str, float, float, float, int]]) -> None:
        """Calibrated costs: (workload, candidate, seconds_per_step, low, high, samples); a later one replaces."""
        plain = [(w, c, float(s), float(low), float(high), int(n)) for w, c, s, low, high, n in rows]
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO costs VALUES (?, ?, ?, ?, ?, ?)", plain)

    def costs(self) -> list[tuple[str, str, float, float, float, int]]:
        """The rows of `add_costs`; NaN where one was given."""
        with self._guard():
            return [
                (w, c, *(float("nan") if v is None else float(v) for v in values), int(n))  # type: ignore[misc]
                for w, c, *values, n in self._db.execute("SELECT * FROM costs ORDER BY rowid")
            ]

    def select(self, workload: str, candidate: str, study: int, key: str) -> None:
        """Keep which tuned trial was chosen; a later choice replaces."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO selected VALUES (?, ?, ?, ?)", (workload, candidate, int(study), key)
            )

    def selected(self) -> dict[tuple[str, str, int], str]:
        """(workload, candidate, study) -> key of the tuned trial that was chosen."""
        with self._guard():
            return {
                (w, c, s): key for w, c, s, key in self._db.execute("SELECT * FROM selected ORDER BY rowid")
            }


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
