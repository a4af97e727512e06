"""How a store's file is laid out, opened, checked and migrated; its content is `optbench.store.store`'s matter."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from optbench.contract.errors import OptbenchError
from optbench.store.migrations import LAYOUTS, MIGRATIONS

#: the schema number, `PRAGMA user_version`
SCHEMA = 4
#: "optb": tells our files from other programs' SQLite files
APPLICATION = 0x6F707462
TABLES = {
    "meta": "name TEXT PRIMARY KEY, value TEXT NOT NULL",
    "texts": "id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE",
    "trials": "key TEXT PRIMARY KEY, workload INTEGER NOT NULL, components TEXT NOT NULL,"
    " seed INTEGER NOT NULL, providers INTEGER NOT NULL, contract INTEGER NOT NULL, sources INTEGER NOT NULL",
    "assignments": "id INTEGER PRIMARY KEY, workload TEXT NOT NULL, candidate TEXT NOT NULL,"
    " phase TEXT NOT NULL, study INTEGER NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL,"
    " settings INTEGER NOT NULL, UNIQUE (workload, candidate, phase, study, number, key)",
    # the blob last: queries for the other columns need not read past it
    "runs": "id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, outcome TEXT NOT NULL, kept INTEGER NOT NULL,"
    " count INTEGER NOT NULL, metrics TEXT NOT NULL, message TEXT NOT NULL, traceback TEXT NOT NULL,"
    " checksum INTEGER NOT NULL, environment INTEGER NOT NULL, finished REAL, numbers BLOB NOT NULL",
    "arrays": "key TEXT NOT NULL, name TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL,"
    " data BLOB NOT NULL, PRIMARY KEY (key, name)",
    "costs": "workload TEXT NOT NULL, candidate TEXT NOT NULL, seconds_per_step REAL, low REAL, high REAL,"
    " samples INTEGER NOT NULL, environment INTEGER NOT NULL, PRIMARY KEY (workload, candidate, environment)",
    "limits": "key TEXT PRIMARY KEY, timeout REAL, memory INTEGER NOT NULL, outside INTEGER NOT NULL",
    "selected": "workload TEXT NOT NULL, candidate TEXT NOT NULL, study INTEGER NOT NULL, key TEXT NOT NULL,"
    " PRIMARY KEY (workload, candidate, study)",
}
#: (path, inode, size, time of change) of files that this process found whole
CHECKED: set[tuple[str, int, int, int]] = set()
#: bytes that a value may always have: a reader sees what is added while it reads, too
LEAST_LENGTH = 100_000_000
#: seconds that SQLite itself waits for another program's lock; and of a store that says that it waits, until it does
PATIENCE, UNSAID = 30, 2
OBJECTS = "SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"


#: is told that another program's lock is in the way; None: it is an error, after a while
Waiting = Callable[[str], None] | None
T = TypeVar("T")


class Busy(OptbenchError):
    """Another program holds the store's lock."""


def patiently(act: Callable[[], T], waiting: Waiting) -> T:
    """What `act` gives, as soon as no other program's lock is in its way."""
    said = False
    while True:
        try:
            return act()
        except Busy as busy:
            if waiting is None:
                raise
            if not said:
                waiting(f"{busy}: waiting until it has finished")
                said = True


def open_database(path: Path, create: bool, readonly: bool, waiting: Waiting = None) -> sqlite3.Connection:
    """A connection to the store at `path`, checked and migrated; OptbenchError where it must be refused.

    A file that is refused is never changed.
    """
    check_file(path, create and not readonly)
    return patiently(lambda: _open(path, create, readonly, UNSAID if waiting else PATIENCE), waiting)


def _open(path: Path, create: bool, readonly: bool, patience: float) -> sqlite3.Connection:
    db = connect(path, create, readonly, patience)
    try:
        with guard(path):
            if readonly:  # no value is longer than the file that it lies in
                db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(LEAST_LENGTH, path.stat().st_size + log_size(path)))
            else:
                create_tables(db, path)
            db = verify(db, path, readonly)
            if not readonly:  # only now: this changes the file's header
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
    except BaseException:
        db.close()
        raise
    return db


def check_file(path: Path, create: bool) -> None:
    """Refuse, before SQLite touches it, what cannot be a whole store."""
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            if create:
                return
            raise OptbenchError(f"{path}: there is no store")
        if not path.is_file():
            raise OptbenchError(f"{path}: not an optbench store but a folder or a device")
        size = path.stat().st_size
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise OptbenchError(f"{path}: {error.strerror or error}; choose another folder") from None
    if size == 0 and create:  # a process was killed between making the file and its first transaction
        return
    if header[:16] != b"SQLite format 3\0":
        raise OptbenchError(f"{path}: not an optbench store (not an SQLite file); it was left as it is")
    page = int.from_bytes(header[16:18], "big")
    page = 65536 if page == 1 else page
    # while there is a log, a page that a killed process was writing is made whole from it
    if not log_size(path) and (page < 512 or size % page):
        raise OptbenchError(f"{path}: the store is damaged: it was cut off; it was left as it is")


def connect(path: Path, create: bool, readonly: bool, patience: float = PATIENCE) -> sqlite3.Connection:
    uri = path.absolute().as_uri()
    mode = "ro" if readonly else "rwc" if create else "rw"
    with guard(path):
        db = sqlite3.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None, timeout=patience)
        if not readonly:
            return db
        try:
            db.execute("SELECT count(*) FROM sqlite_master")
        except BaseException as error:
            db.close()
            # in a folder that cannot be written SQLite has no place for the index of a log
            if not isinstance(error, sqlite3.OperationalError) or log_size(path):
                raise
            db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
        return db


def create_tables(db: sqlite3.Connection, path: Path) -> None:
    """Turn a file that holds nothing yet into an empty store; leave any other as it is."""

    def empty() -> bool:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        return application == version == 0 and not db.execute(OBJECTS).fetchall()

    if not empty():
        return
    with transaction(db, path):
        if empty():  # and no other process was faster
            for name, columns in TABLES.items():
                db.execute(f"CREATE TABLE {name} ({columns})")
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {SCHEMA}")


def verify(db: sqlite3.Connection, path: Path, readonly: bool) -> sqlite3.Connection:
    """The connection to use, once the file is shown to be a whole store of this schema or an older one."""
    db.execute("PRAGMA trusted_schema = OFF")
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise OptbenchError(f"{path}: an SQLite file of another program, not an optbench store")
    if version > SCHEMA:
        raise OptbenchError(
            f"{path}: this store has schema {version}, but this optbench reads up to schema {SCHEMA}; "
            "use the version of optbench that wrote it, or a later one"
        )
    check_tables(db, path, version)
    state = path.stat()
    seen = (str(path.absolute()), state.st_ino, state.st_size, state.st_mtime_ns)
    if seen not in CHECKED:  # it reads the whole file: a second for half a gigabyte
        (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise OptbenchError(f"{path}: the store is damaged ({found}); it was left as it is")
        CHECKED.add(seen)
    return migrate(db, path, version, readonly) if version < SCHEMA else db


def check_tables(db: sqlite3.Connection, path: Path, version: int) -> None:
    """Refuse a file whose schema is not, word for word, what a store of this version is made with.

    Before a row is read or the file is looked through: views, triggers, generated columns, constraints and defaults are
    expressions of whoever wrote the file, and a row of a few bytes can make gigabytes of them.
    """
    expected = {
        ("table", name, name, f"CREATE TABLE {name} ({columns})")
        for name, columns in LAYOUTS.get(version, TABLES).items()
    }
    found = {
        (kind, name, table, " ".join(str(sql).split()))
        for kind, name, table, sql in db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
        if (kind, sql) != ("index", None)  # of a key: it has no text
    }
    if found != expected:
        raise OptbenchError(f"{path}: not an optbench store: its tables are not those of schema {version}")


def migrate(db: sqlite3.Connection, path: Path, version: int, readonly: bool) -> sqlite3.Connection:
    """Bring an older store to SCHEMA in one transaction: in place or, for a reader, in a copy in memory."""
    missing = [n for n in range(version, SCHEMA) if n not in MIGRATIONS]
    if missing:
        raise OptbenchError(f"{path}: schema {version} cannot be migrated to schema {SCHEMA}")
    if readonly:
        copy = sqlite3.connect(":memory:", isolation_level=None)
        db.backup(copy)
        db.close()
        db = copy
    try:
        with transaction(db, path):
            for number in range(version, SCHEMA):
                MIGRATIONS[number](db)
            check_tables(db, path, SCHEMA)  # within the transaction: what is refused stays as it was
            db.execute(f"PRAGMA user_version = {SCHEMA}")
    except BaseException:
        db.close()
        raise
    return db


def close_database(db: sqlite3.Connection, readonly: bool) -> None:
    """Close the file. Where nobody else reads, its log is folded into it: one ordinary file remains."""
    if not readonly:
        with suppress(sqlite3.Error):  # somebody reads: the log stays, and is valid
            db.execute("PRAGMA busy_timeout = 0")
            db.execute("PRAGMA journal_mode = DELETE")
    db.close()


@contextmanager
def transaction(db: sqlite3.Connection, path: Path, waiting: Waiting = None) -> Iterator[sqlite3.Connection]:
    """All or nothing, and on disk when it ends; within another one, a part of that."""

    def begin() -> None:
        with guard(path):
            db.execute("BEGIN IMMEDIATE")

    if db.in_transaction:
        yield db
        return
    patiently(begin, waiting)
    try:
        yield db
        with guard(path):
            db.execute("COMMIT")
    except BaseException as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if isinstance(error, (sqlite3.DatabaseError, OverflowError)):
            raise message(path, error) from None
        raise


@contextmanager
def guard(path: Path) -> Iterator[None]:
    """SQLite's errors, and those of decoding what it gave, as the one error that a user reads."""
    try:
        yield
    except sqlite3.ProgrammingError:  # a closed store, a wrong thread: a mistake of the program
        raise
    except sqlite3.DatabaseError as error:
        raise message(path, error) from None
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise OptbenchError(f"{path}: the store is damaged ({error}); it was left as it is") from None


def message(path: Path, error: Exception) -> OptbenchError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return OptbenchError(f"{path}: the store is damaged ({error}); it was left as it is")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_FULL", "SQLITE_IOERR")):
        return OptbenchError(f"{path}: cannot be opened or written ({error}); what it holds is kept")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Busy(f"{path}: another process is writing to this store ({error})")
    return OptbenchError(f"{path}: {error}")


def log_size(path: Path) -> int:
    """Bytes in the write-ahead log beside the file: what a writer has not folded in yet."""
    log = path.with_name(path.name + "-wal")
    return log.stat().st_size if log.exists() else 0
