"""An open store's file: its transactions, its errors, what is kept by name, and the texts that rows refer to."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Any, Self

from optbench.store import schema
from optbench.store.whereabouts import check_still_there, identity
from optbench.trials.trial import canonical


class Database:
    """Opens a store, or makes one with `create`; a context manager.

    OptbenchError where the file is newer than this optbench, no store, damaged, cut off or not to be written.
    A file that is refused is never changed. An older store is migrated; with `readonly`, in memory.
    Each write first looks whether the file is still there: OptbenchError where it was moved or removed.
    Use it in the thread that opened it.

    waiting   is told, once each time, that another program's lock is in the way, and the write waits for as long as
              that lasts; without it, it waits for half a minute and then is an OptbenchError
    """

    def __init__(
        self,
        path: str | Path,
        create: bool = False,
        readonly: bool = False,
        waiting: Callable[[str], None] | None = None,
    ):
        self.path = Path(path)
        self.readonly = readonly
        self._texts: dict[int, Any] = {}
        #: where what is added was made, and the number of its text
        self._environment: Mapping[str, Any] = {}
        self._place: int | None = None
        self._waiting = waiting
        self._db = schema.open_database(self.path, create, readonly, waiting)
        self._identity = None if readonly else identity(self.path)

    def close(self) -> None:
        schema.close_database(self._db, self.readonly)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.check()
        finally:
            self.close()

    def check(self) -> None:
        """OptbenchError where the file was moved or removed since it was opened."""
        check_still_there(self.path, self._identity)

    def _guard(self) -> AbstractContextManager[None]:
        return schema.guard(self.path)

    def _transaction(self) -> AbstractContextManager[Connection]:
        if not self._db.in_transaction:
            self.check()
        return schema.transaction(self._db, self.path, self._waiting)

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction for all that is kept within: it is on disk when the block ends, or none of it is."""
        with self._transaction():
            yield

    def _intern(self, settings: Any, known: dict[int, int]) -> int:
        """The id of the text of `settings`; `known` spares encoding the same object again within one call."""
        if id(settings) not in known:
            text = canonical(settings)
            self._db.execute("INSERT OR IGNORE INTO texts (text) VALUES (?)", (text,))
            (number,) = self._db.execute("SELECT id FROM texts WHERE text = ?", (text,)).fetchone()
            known[id(settings)] = number
        return known[id(settings)]

    def _text(self, number: int) -> Any:
        """The settings of a text, decoded once and shared: treat them as constant."""
        if number not in self._texts:
            row = self._db.execute("SELECT text FROM texts WHERE id = ?", (number,)).fetchone()
            if row is None:
                raise ValueError(f"text {number} is missing")
            self._texts[number] = json.loads(row[0])
        return self._texts[number]

    def settings(self, number: int) -> Any:
        """The decoded settings of a text, shared: treat them as constant."""
        with self._guard():
            return self._text(number)

    def made_in(self, environment: Mapping[str, Any]) -> None:
        """What is added from now on was made in this environment. Its record is kept once, not once a run."""
        with self._transaction():
            self._place = self._intern(environment, {})
        self._environment = environment
        self.set("environment", environment)

    def set(self, name: str, value: Any) -> None:
        """Keep a value that JSON can hold: "suite", "environment", "problems", "title"."""
        text = json.dumps(value)
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, text))

    def get(self, name: str, default: Any = None) -> Any:
        with self._guard():
            row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
            return default if row is None else json.loads(row[0])
