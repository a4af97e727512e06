"""The store: one SQLite file that holds what was run and what came of it.

    texts        settings of workloads, providers and environments as canonical JSON, each once
    trials       by key: everything that decides a result
    assignments  what each trial is for: workload, candidate, phase, study, number
    runs, arrays what came of a trial, by key (see `optbench.store.packing`), where it ran and when it finished
    costs        calibrated seconds of a step, by workload, candidate and where they were measured
    selected     which tuned trial was chosen
    meta         the suite as run, the environment of the last run, problems: JSON by name

The process that started a run is the one writer. `synchronous=FULL` and one transaction an addition: what
`add` has returned from survives a killed process and a power cut. In WAL mode readers work meanwhile. A
closed store is one ordinary file. Nothing is ever unpickled: opening a stranger's store executes nothing.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import astuple, dataclass, is_dataclass
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Any, Self

import numpy as np

from optbench.store import machines, packing, schema
from optbench.store.machines import CostRow
from optbench.trials.trial import FINISHED, Assignment, Run, Trial, canonical

#: the store's name within the folder of a run
FILE_NAME = "store.sqlite"

RUN_COLUMNS = ", ".join(f"runs.{name}" for name in packing.COLUMNS)
TRIAL_COLUMNS = "trials.workload, trials.components, trials.seed, trials.providers, trials.contract"
Keys = set[str]


@dataclass(frozen=True)
class Origin:
    """Where a run was made, and when it had finished.

    environment   as `optbench.store.environment.environment` gives it; empty where nobody recorded it
    finished      seconds since 1970, UTC; None where nobody recorded it
    """

    environment: Mapping[str, Any]
    finished: float | None = None


class Store:
    """Opens a store, or makes one with `create`; a context manager.

    OptbenchError where the file is newer than this optbench, no store, damaged, cut off or not to be written.
    A file that is refused is never changed. An older store is migrated; with `readonly`, in memory.
    Use it in the thread that opened it.
    """

    def __init__(self, path: str | Path, create: bool = False, readonly: bool = False):
        self.path = Path(path)
        self.readonly = readonly
        self._texts: dict[int, Any] = {}
        #: where what is added was made, and the number of its text
        self._environment: Mapping[str, Any] = {}
        self._place: int | None = None
        self._db = schema.open_database(self.path, create, readonly)

    def close(self) -> None:
        schema.close_database(self._db, self.readonly)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---------------------------------------------------------------------------------------------- machinery

    def _guard(self) -> AbstractContextManager[None]:
        return schema.guard(self.path)

    def _transaction(self) -> AbstractContextManager[Connection]:
        return schema.transaction(self._db, self.path)

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

    def _trial(self, workload: int, components: str, seed: int, providers: int, contract: int) -> Trial:
        return Trial(self._text(workload), json.loads(components), seed, self._text(providers), contract)

    def _add_trial(self, trial: Trial, known: dict[int, int]) -> None:
        workload, providers = self._intern(trial.workload, known), self._intern(trial.providers, known)
        row = (trial.key, workload, canonical(trial.components), int(trial.seed), providers, trial.contract)
        self._db.execute("INSERT OR IGNORE INTO trials VALUES (?, ?, ?, ?, ?, ?)", row)

    # ----------------------------------------------------------------------------------------------- metadata

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

    # ---------------------------------------------------------------------------------- trials and their runs

    def assign(self, assignments: Iterable[Assignment]) -> None:
        """Say what trials are for. Known ones stay; a changed target or title of theirs is taken over."""
        known: dict[int, int] = {}
        assignments = list(assignments)  # the ids in `known` hold only while the objects live
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
                # a shared trial has one result, but each workload its own name and target: `settings`
                Assignment(workload, candidate, phase, study, number, self._trial(settings, *trial))
                for workload, candidate, phase, study, number, settings, _, *trial in self._db.execute(query)
            ]

    def first_finals(self) -> list[Assignment]:
        """Of each candidate on each workload the first final assignment whose run ended well."""
        query = (
            f"SELECT min(assignments.id), assignments.workload, candidate, study, number, settings, {TRIAL_COLUMNS}"
            " FROM assignments JOIN trials USING (key) JOIN runs USING (key)"
            f" WHERE phase = 'final' AND outcome IN ({', '.join('?' * len(FINISHED))})"
            " GROUP BY assignments.workload, candidate ORDER BY 1"
        )  # beside min(), SQLite takes the other columns from the row that has it
        with self._guard():
            return [
                Assignment(workload, candidate, "final", study, number, self._trial(settings, *trial))
                for _, workload, candidate, study, number, settings, _, *trial in self._db.execute(query, FINISHED)
            ]

    def clear_plan(self) -> None:
        """Forget what trials are for and which were selected; the runs stay, and resume by key as before.

        For a suite that was changed: what it no longer asks for then leaves the tables and the report.
        """
        with self._transaction() as db:
            db.execute("DELETE FROM assignments")
            db.execute("DELETE FROM selected")

    def finished(self, keys: Iterable[str] | None = None) -> Keys:
        """Keys of the trials that have a run, whatever its outcome; of all trials, or of those given."""
        query = "SELECT key FROM runs"
        with self._guard():
            if keys is None:
                return {key for (key,) in self._db.execute(query)}
            one = query + " WHERE key = ?"
            return {key for key in keys if self._db.execute(one, (key,)).fetchone() is not None}

    def finished_count(self) -> int:
        """How many trials have a run."""
        with self._guard():
            (count,) = self._db.execute("SELECT count(*) FROM runs").fetchone()
            return count

    def keys_of(self, outcome: str) -> Keys:
        """Keys of the runs that ended so."""
        with self._guard():
            return {key for (key,) in self._db.execute("SELECT key FROM runs WHERE outcome = ?", (outcome,))}

    def outcomes(self) -> dict[str, int]:
        """How many trials of the plan ended how."""
        query = (
            "SELECT outcome, count(*) FROM runs WHERE key IN (SELECT key FROM assignments) GROUP BY outcome"
        )
        with self._guard():
            return dict(self._db.execute(query))

    def add(self, trial: Trial, run: Run) -> None:
        """Keep a run; it is on disk when this returns. The first run of a key stays."""
        self.add_all([(trial, run)])

    def add_all(self, pairs: Iterable[tuple[Trial, Run]]) -> None:
        """Keep several runs in one transaction: all of them or, where one cannot be stored, none."""
        self.add_packed(
            (trial, packing.pack(run), [packing.pack_array(*item) for item in run.arrays.items()])
            for trial, run in pairs
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

    def arrays(self, key: str) -> dict[str, np.ndarray]:
        """The arrays of a run, by name; empty where there are none."""
        query = "SELECT name, dtype, shape, data FROM arrays WHERE key = ? ORDER BY rowid"
        with self._guard():
            return {name: packing.unpack_array(*row) for name, *row in self._db.execute(query, (key,))}

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
            arrays = self._db.execute(
                "SELECT name, dtype, shape, data FROM arrays WHERE key = ? ORDER BY rowid", (key,)
            ).fetchall()
            return found[2:], arrays, Origin(self._text(found[0]), found[1])

    def contracts(self) -> frozenset[int]:
        """The numbers of the component contract that its trials were made under."""
        with self._guard():
            return frozenset(n for (n,) in self._db.execute("SELECT DISTINCT contract FROM trials"))

    def forget(self, keys: Iterable[str]) -> None:
        """Remove the runs of these trials."""
        rows = [(key,) for key in keys]
        with self._transaction() as db:
            db.executemany("DELETE FROM runs WHERE key = ?", rows)
            db.executemany("DELETE FROM arrays WHERE key = ?", rows)

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

    def runs(self) -> Iterator[tuple[Trial, Run]]:
        """All trials that have a run, with it, in the order in which they were added."""
        query = (
            f"SELECT runs.key, {TRIAL_COLUMNS}, {RUN_COLUMNS}"
            " FROM runs JOIN trials USING (key) ORDER BY runs.id"
        )
        with self._guard():
            for key, workload, components, seed, providers, contract, *row in self._db.execute(query):
                trial = self._trial(workload, components, seed, providers, contract)
                yield trial, packing.unpack(row, self.arrays(key))

    # ------------------------------------------------------------------------------------------- wide reading

    def planned_runs(self, phase: str | None = None, size: int = 5000) -> Iterator[list[tuple[Any, ...]]]:
        """Assignments that have a run, in chunks of `size`, undecoded: what wide tables are made of.

        A row: workload, candidate, phase, study, number, key, settings, components, seed, *packing.COLUMNS,
        with `settings` the number of a text.
        """
        query = (
            "SELECT assignments.workload, candidate, phase, study, number, key, settings,"
            f" trials.components, trials.seed, {RUN_COLUMNS}"
            " FROM assignments JOIN trials USING (key) JOIN runs USING (key)"
            " WHERE phase = ? OR ? IS NULL ORDER BY assignments.id"
        )
        with self._guard():
            cursor = self._db.execute(query, (phase, phase))
            while rows := cursor.fetchmany(size):
                yield rows

    def workloads(self) -> list[tuple[str, int]]:
        """(workload's name, number of the text of its settings) of all assignments, each pair once."""
        query = "SELECT DISTINCT workload, settings FROM assignments ORDER BY id"
        with self._guard():
            return self._db.execute(query).fetchall()

    def settings(self, number: int) -> Any:
        """The decoded settings of a text, shared: treat them as constant."""
        with self._guard():
            return self._text(number)

    # ----------------------------------------------------------------------------------- costs and selections

    def add_costs(self, rows: Iterable[Any]) -> None:
        """Calibrated costs, tuples or dataclasses: workload, candidate, seconds_per_step, low, high, samples.

        Seconds a step; a later row of the same workload, candidate and environment replaces.
        """
        plain = []
        for row in rows:
            values = astuple(row) if is_dataclass(row) and not isinstance(row, type) else row
            workload, candidate, *seconds, samples = values
            plain.append((workload, candidate, *map(float, seconds), int(samples)))
        with self._transaction() as db:
            place = self._intern(self._environment, {})
            rows = [(*row, place) for row in plain]
            db.executemany("INSERT OR REPLACE INTO costs VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def copy_costs(self, other: "Store", keep: Callable[[str, str], bool] = lambda workload, candidate: True) -> None:
        """The costs of another store, as measured there; `keep` chooses by workload and candidate."""
        known: dict[int, int] = {}
        measured = [(row, where) for row, where in other.measured_costs() if keep(row.workload, row.candidate)]
        with self._transaction() as db:
            for row, where in measured:
                *values, _ = astuple(row)
                values.append(self._intern(where, known))
                db.execute("INSERT OR REPLACE INTO costs VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    def costs(self) -> list[CostRow]:
        """The rows of `add_costs`, one a workload and candidate; NaN where one was given.

        What was measured on several machines is told in the seconds of one: see `optbench.store.machines`.
        """
        return self._costs()[0]

    def scaled(self) -> list[machines.Scaled]:
        """Which of the costs were measured on another machine, and the factors that they were multiplied by."""
        return self._costs()[1]

    def _costs(self) -> tuple[list[CostRow], list[machines.Scaled]]:
        suite = self.get("suite")
        baseline = suite.get("baseline") if isinstance(suite, dict) else None
        return machines.on_one_machine([row for row, _ in self.measured_costs()], baseline)

    def measured_costs(self) -> list[tuple[machines.Measured, dict[str, Any]]]:
        """Costs as they were measured, each with its environment, in the order in which they were added."""
        with self._guard():
            return [
                (
                    machines.Measured(w, c, _number(seconds), _number(low), _number(high), int(samples), place),
                    self._text(place),
                )
                for w, c, seconds, low, high, samples, place in self._db.execute(
                    "SELECT * FROM costs ORDER BY rowid"
                )
            ]

    def select(self, workload: str, candidate: str, study: int, key: str) -> None:
        """Keep which tuned trial was chosen; a later choice replaces."""
        self.select_all([(workload, candidate, study, key)])

    def select_all(self, rows: Iterable[tuple[str, str, int, str]]) -> None:
        """Several choices in one transaction: rows of (workload, candidate, study, key)."""
        with self._transaction() as db:
            plain = ((workload, candidate, int(study), key) for workload, candidate, study, key in rows)
            db.executemany("INSERT OR REPLACE INTO selected VALUES (?, ?, ?, ?)", plain)

    def selected(self) -> dict[tuple[str, str, int], str]:
        """(workload, candidate, study) -> key of the tuned trial that was chosen."""
        with self._guard():
            rows = self._db.execute("SELECT * FROM selected ORDER BY rowid")
            return {(workload, candidate, study): key for workload, candidate, study, key in rows}


def _number(value: Any) -> float:
    """A REAL again: SQLite keeps NaN as NULL."""
    return float("nan") if value is None else float(value)
