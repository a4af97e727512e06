"""Trials and what came of them, by key."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench.store import packing
from optbench.store.database import Database
from optbench.trials.trial import Run, Trial, canonical

RUN_COLUMNS = ", ".join(f"runs.{name}" for name in packing.COLUMNS)
TRIAL_COLUMNS = "trials.workload, trials.components, trials.seed, trials.providers, trials.contract, trials.sources"
ARRAYS = "SELECT name, dtype, shape, data FROM arrays WHERE key = ? ORDER BY rowid"


@dataclass(frozen=True)
class Origin:
    """Where a run was made, and when it had finished.

    environment   as `optbench.store.environment.environment` gives it; empty where nobody recorded it
    finished      seconds since 1970, UTC; None where nobody recorded it
    """

    environment: Mapping[str, Any]
    finished: float | None = None


@dataclass(frozen=True)
class Limits:
    """What ended a run that failed, or may have.

    timeout   seconds that a trial could take; None: any
    memory    bytes that its process could take; 0: any
    outside   whether something else than the trial killed its process
    """

    timeout: float | None = None
    memory: int = 0
    outside: bool = False


@dataclass(frozen=True)
class Failure:
    """A run that failed; `limits` are None where nobody recorded them."""

    outcome: str
    message: str
    machine: str | None
    limits: Limits | None


class Runs(Database):
    """Keeps trials, and a run of each; the first run of a key stays."""

    def _trial(
        self, workload: int, components: str, seed: int, providers: int, contract: int, sources: int
    ) -> Trial:
        made = json.loads(components)
        return Trial(self._text(workload), made, seed, self._text(providers), contract, self._text(sources))

    def _add_trial(self, trial: Trial, known: dict[int, int]) -> None:
        workload, *origins = (self._intern(table, known) for table in (trial.workload, trial.providers, trial.sources))
        providers, sources = origins
        row = (trial.key, workload, canonical(trial.components), int(trial.seed), providers, trial.contract, sources)
        self._db.execute("INSERT OR IGNORE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def add(self, trial: Trial, run: Run) -> None:
        """Keep a run; it is on disk when this returns. The first run of a key stays."""
        self.add_all([(trial, run)])

    def add_all(
        self, pairs: Iterable[tuple[Trial, Run]], elsewhere: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Keep several runs in one transaction: all of them or, where one cannot be stored, none.

        elsewhere   by key, the environments of those that were not made in this process's
        """
        pairs = list(pairs)
        places = [(elsewhere or {}).get(trial.key, self._environment) for trial, _ in pairs]
        self.add_packed(
            (
                (trial, packing.pack(run), [packing.pack_array(*item) for item in run.arrays.items()])
                for trial, run in pairs
            ),
            [Origin(place, time.time()) for place in places],
        )

    def add_packed(
        self,
        runs: Iterable[tuple[Trial, packing.Row, Iterable[packing.ArrayRow]]],
        origins: Iterable[Origin] | None = None,
    ) -> None:
        """The same for runs that are packed already; `origins`, one a run, where they were made elsewhere."""
        known: dict[int, int] = {}
        columns, marks = ", ".join(packing.COLUMNS), ", ".join("?" * len(packing.COLUMNS))
        query = f"INSERT OR IGNORE INTO runs (key, environment, finished, {columns}) VALUES (?, ?, ?, {marks})"
        runs = list(runs)  # all packed before the transaction begins; the ids in `known` hold while they live
        here = Origin(self._environment, time.time())
        if self._place is not None:
            known[id(self._environment)] = self._place
        places = [here] * len(runs) if origins is None else list(origins)
        with self._transaction() as db:
            for (trial, row, arrays), origin in zip(runs, places, strict=True):
                self._add_trial(trial, known)
                place = self._intern(origin.environment, known)
                if db.execute(query, (trial.key, place, origin.finished, *row)).rowcount:
                    named = ((trial.key, *array) for array in arrays)
                    db.executemany("INSERT INTO arrays VALUES (?, ?, ?, ?, ?)", named)

    def copy_run(self, other: "Runs", trial: Trial) -> bool:
        """Keep the run that another store has of a trial, with where it was made; False where it has none."""
        found = other.packed(trial.key)
        if found is None:
            return False
        row, arrays, origin = found
        self.add_packed([(trial, row, arrays)], [origin])
        return True

    def forget(self, keys: Iterable[str]) -> None:
        """Remove the runs of these trials."""
        rows = [(key,) for key in keys]
        with self._transaction() as db:
            db.executemany("DELETE FROM runs WHERE key = ?", rows)
            db.executemany("DELETE FROM arrays WHERE key = ?", rows)
            db.executemany("DELETE FROM limits WHERE key = ?", rows)

    def limited(self, keys: Iterable[str], limits: Limits) -> None:
        """Say under which limits the runs of these trials failed: under others they may not."""
        row = (None if limits.timeout is None else float(limits.timeout), int(limits.memory), int(limits.outside))
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO limits VALUES (?, ?, ?, ?)", ((key, *row) for key in keys))

    def failures(self) -> dict[str, Failure]:
        """The runs that a limit, the machine or a missing package may have ended, by key."""
        query = (
            "SELECT key, outcome, message, environment, timeout, memory, outside FROM runs LEFT JOIN limits USING (key)"
            " WHERE outcome IN ('timeout', 'crashed', 'error')"
        )
        found = {}
        with self._guard():
            for key, outcome, message, environment, timeout, memory, outside in self._db.execute(query):
                limits = None if memory is None else Limits(timeout, memory, bool(outside))
                found[key] = Failure(outcome, message, self._text(environment).get("machine"), limits)
        return found

    def run(self, key: str) -> Run | None:
        """The run of a trial, bit for bit as it was added."""
        with self._guard():
            row = self._db.execute(f"SELECT {RUN_COLUMNS} FROM runs WHERE key = ?", (key,)).fetchone()
            return None if row is None else packing.unpack(row, self.arrays(key))

    def packed(self, key: str) -> tuple[packing.Row, list[packing.ArrayRow], Origin] | None:
        """The run of a trial as `add_packed` takes it, undecoded: to be copied into another store."""
        query = f"SELECT environment, finished, {RUN_COLUMNS} FROM runs WHERE key = ?"
        with self._guard():
            found = self._db.execute(query, (key,)).fetchone()
            if found is None:
                return None
            return found[2:], self._db.execute(ARRAYS, (key,)).fetchall(), Origin(self._text(found[0]), found[1])

    def arrays(self, key: str) -> dict[str, np.ndarray]:
        """The arrays of a run, by name; empty where there are none."""
        with self._guard():
            return {name: packing.unpack_array(*row) for name, *row in self._db.execute(ARRAYS, (key,))}

    def runs(self) -> Iterator[tuple[Trial, Run]]:
        """All trials that have a run, with it, in the order in which they were added."""
        query = f"SELECT runs.key, {TRIAL_COLUMNS}, {RUN_COLUMNS} FROM runs JOIN trials USING (key) ORDER BY runs.id"
        with self._guard():
            for key, workload, components, seed, providers, contract, sources, *row in self._db.execute(query):
                trial = self._trial(workload, components, seed, providers, contract, sources)
                yield trial, packing.unpack(row, self.arrays(key))

    def finished(self, keys: Iterable[str] | None = None, since: int = 0) -> set[str]:
        """Keys of the trials that have a run, whatever its outcome; of all trials, or of those given.

        since    only the runs that were added after the one with this number, see `newest`
        """
        query = "SELECT key FROM runs WHERE id > ?"
        with self._guard():
            if keys is None:
                return {key for (key,) in self._db.execute(query, (since,))}
            one = query + " AND key = ?"
            return {key for key in keys if self._db.execute(one, (since, key)).fetchone() is not None}

    def newest(self) -> int:
        """The number of the run that was added last; 0 without one. They rise."""
        with self._guard():
            (number,) = self._db.execute("SELECT coalesce(max(id), 0) FROM runs").fetchone()
            return number

    def finished_count(self) -> int:
        """How many trials have a run."""
        with self._guard():
            (count,) = self._db.execute("SELECT count(*) FROM runs").fetchone()
            return count

    def keys_of(self, outcome: str) -> set[str]:
        """Keys of the runs that ended so."""
        with self._guard():
            return {key for (key,) in self._db.execute("SELECT key FROM runs WHERE outcome = ?", (outcome,))}

    def contracts(self) -> frozenset[int]:
        """The numbers of the component contract that its trials were made under."""
        with self._guard():
            return frozenset(n for (n,) in self._db.execute("SELECT DISTINCT contract FROM trials"))

    def origin(self, key: str) -> Origin | None:
        """Where the run of a trial was made, and when."""
        with self._guard():
            row = self._db.execute("SELECT environment, finished FROM runs WHERE key = ?", (key,)).fetchone()
            return None if row is None else Origin(self._text(row[0]), row[1])

    def environments(self) -> list[tuple[dict[str, Any], int]]:
        """(environment, number of runs that were made in it), in the order in which they appeared."""
        query = "SELECT environment, count(*) FROM runs GROUP BY environment ORDER BY min(id)"
        with self._guard():
            return [(self._text(number), count) for number, count in self._db.execute(query)]
