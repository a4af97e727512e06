"""Calibrated seconds of a step, with where they were measured."""

from collections.abc import Callable, Iterable
from dataclasses import astuple
from typing import Any

from optbench.store import machines
from optbench.store.database import Database
from optbench.store.machines import CostRow


class Costs(Database):
    """Keeps costs of a step by workload, candidate and environment, and tells them in the seconds of one machine."""

    def add_costs(self, costs: Iterable[CostRow]) -> None:
        """Calibrated costs: (workload, candidate, seconds_per_step, low, high, samples).

        A later row of the same workload, candidate and environment replaces.
        """
        with self._transaction() as db:
            place = self._intern(self._environment, {})
            rows = [
                (workload, candidate, float(seconds), float(low), float(high), int(samples), place)
                for workload, candidate, seconds, low, high, samples in costs
            ]
            db.executemany("INSERT OR REPLACE INTO costs VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def copy_costs(self, other: "Costs", keep: Callable[[str, str], bool] = lambda workload, candidate: True) -> None:
        """The costs of another store, as measured there; `keep` chooses by workload and candidate."""
        known: dict[int, int] = {}
        measured = [(row, where) for row, where in other.measured_costs() if keep(row.workload, row.candidate)]
        with self._transaction() as db:
            for row, where in measured:
                *values, _ = astuple(row)
                values.append(self._intern(where, known))
                db.execute("INSERT OR REPLACE INTO costs VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def forget_costs(self, workload: str) -> None:
        """Remove what was measured on a workload, so that it is timed again."""
        with self._transaction() as db:
            db.execute("DELETE FROM costs WHERE workload = ?", (workload,))
            known = self.get("costs_of") or {}
            self.set("costs_of", {name: keys for name, keys in known.items() if name != workload})

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
                for w, c, seconds, low, high, samples, place in self._db.execute("SELECT * FROM costs ORDER BY rowid")
            ]


def _number(value: Any) -> float:
    """A REAL again: SQLite keeps NaN as NULL."""
    return float("nan") if value is None else float(value)
