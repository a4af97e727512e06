"""What trials are for: which workload and candidate, to tune or to judge, and which of the tuned ones was chosen."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from optbench.store.runs import RUN_COLUMNS, TRIAL_COLUMNS, Runs
from optbench.trials.trial import FINISHED, Assignment, Trial


class Plan(Runs):
    """Assignments of trials, with their runs, and selections."""

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

    def first_trials(self) -> dict[tuple[str, str], Trial]:
        """The first trial that was assigned of each (workload, candidate)."""
        query = (
            f"SELECT min(assignments.id), assignments.workload, candidate, settings, {TRIAL_COLUMNS}"
            " FROM assignments JOIN trials USING (key) GROUP BY assignments.workload, candidate ORDER BY 1"
        )  # as in `first_finals`
        with self._guard():
            return {
                (workload, candidate): self._trial(settings, *trial)
                for _, workload, candidate, settings, _, *trial in self._db.execute(query)
            }

    def finished_of(self) -> dict[tuple[str, str], frozenset[str]]:
        """The keys of the trials of each (workload, candidate) that have a run."""
        query = "SELECT DISTINCT workload, candidate, key FROM assignments JOIN runs USING (key)"
        found: dict[tuple[str, str], set[str]] = {}
        with self._guard():
            for workload, candidate, key in self._db.execute(query):
                found.setdefault((workload, candidate), set()).add(key)
        return {pair: frozenset(keys) for pair, keys in found.items()}

    def clear_plan(self, keep: Collection[tuple[str, str]] = ()) -> None:
        """Forget what trials are for and which were selected; the runs stay, and resume by key as before.

        For a suite that was changed: what it no longer asks for then leaves the tables and the report.

        keep   (workload, candidate) whose plan stays
        """
        with self._transaction() as db:
            for table in ("assignments", "selected"):
                pairs = db.execute(f"SELECT DISTINCT workload, candidate FROM {table}").fetchall()
                gone = [pair for pair in pairs if pair not in keep]
                if len(gone) == len(pairs):
                    db.execute(f"DELETE FROM {table}")
                else:
                    db.executemany(f"DELETE FROM {table} WHERE workload = ? AND candidate = ?", gone)

    def environments_of(self) -> dict[tuple[str, str], list[int]]:
        """Of each (workload, candidate) the numbers of the texts of the environments that its runs were made in."""
        query = (
            "SELECT assignments.workload, candidate, environment FROM assignments JOIN runs USING (key)"
            " GROUP BY assignments.workload, candidate, environment ORDER BY min(runs.id)"
        )
        found: dict[tuple[str, str], list[int]] = {}
        with self._guard():
            for workload, candidate, number in self._db.execute(query):
                found.setdefault((workload, candidate), []).append(number)
        return found

    def outcomes(self, pairs: Collection[tuple[str, str]] | None = None) -> dict[str, int]:
        """How many of the plan's trials ended how; one that two candidates share counts twice, as in the plan.

        pairs   count only these (workload, candidate)
        """
        query = (
            "SELECT assignments.workload, candidate, outcome, count(*) FROM assignments JOIN runs USING (key)"
            " GROUP BY assignments.workload, candidate, outcome"
        )
        found: Counter[str] = Counter()
        with self._guard():
            for workload, candidate, outcome, count in self._db.execute(query):
                if pairs is None or (workload, candidate) in pairs:
                    found[outcome] += count
        return dict(found)

    def workloads(self) -> list[tuple[str, int]]:
        """(workload's name, number of the text of its settings) of all assignments, each pair once."""
        query = "SELECT DISTINCT workload, settings FROM assignments ORDER BY id"
        with self._guard():
            return self._db.execute(query).fetchall()

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

    def absorb(self, other: "Plan") -> None:
        """Add all trials of another store: what they are for, what came of them, what was chosen.

        Of a trial that both have the run that is here stays. As SQL from file to file: a row takes microseconds.
        """
        whole = "SELECT key, outcome, kept, count, metrics, message, traceback, checksum, place.new, finished, numbers"
        steps = (
            "INSERT OR IGNORE INTO texts (text) SELECT text FROM other.texts ORDER BY id",
            "INSERT INTO ids SELECT there.id, here.id FROM other.texts AS there JOIN main.texts AS here USING (text)",
            "INSERT OR IGNORE INTO trials SELECT key, w.new, components, seed, p.new, contract, s.new FROM other.trials"
            " JOIN ids AS w ON w.old = workload JOIN ids AS p ON p.old = providers JOIN ids AS s ON s.old = sources",
            "INSERT OR IGNORE INTO assignments (workload, candidate, phase, study, number, key, settings)"
            " SELECT workload, candidate, phase, study, number, key, new FROM other.assignments"
            " JOIN ids ON old = settings ORDER BY id",
            "INSERT OR IGNORE INTO arrays SELECT * FROM other.arrays WHERE key NOT IN (SELECT key FROM main.runs)",
            "INSERT OR IGNORE INTO runs (key, outcome, kept, count, metrics, message, traceback, checksum, environment,"
            f" finished, numbers) {whole} FROM other.runs JOIN ids AS place ON place.old = environment ORDER BY id",
            "INSERT OR IGNORE INTO limits SELECT * FROM other.limits",
            "INSERT OR REPLACE INTO selected SELECT * FROM other.selected ORDER BY rowid",
        )
        self.check()
        with self._guard():
            self._db.execute("ATTACH ? AS other", (str(other.path),))
            self._db.execute("CREATE TEMP TABLE ids (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)")
        try:
            with self._transaction() as db:
                for step in steps:
                    db.execute(step)
        finally:
            self._db.execute("DROP TABLE ids")
            self._db.execute("DETACH other")
