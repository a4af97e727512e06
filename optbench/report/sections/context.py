"""What all sections are made from: the results' tables, read once."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optbench.report import frames
from optbench.report.pictures.style import Styles, candidate_styles, picked_out
from optbench.statistics.level import FIXED, Level

if TYPE_CHECKING:
    from optbench.statistics import Standing
    from optbench.statistics.ecdf import Crossed

#: lines in a panel beyond which nobody reads each (`report.js` has it, too), and how many are then picked out
CROWD, PICKED = 12, 8


@dataclass
class Context:
    """The tables of one page.

    order    candidates, best first
    styles   their looks; places in the suite decide, so that a candidate looks the same in every report of it
    """

    results: Any
    trials: pd.DataFrame
    curves: pd.DataFrame
    board: pd.DataFrame
    styles: Styles
    order: list[str]

    @property
    def baseline(self) -> str | None:
        """The candidate that others are compared with."""
        return getattr(self.results, "baseline", None) or self.results.suite.get("baseline")

    @property
    def level(self) -> Level:
        """At what level words hold, see `Results.level`."""
        found: Level = getattr(self.results, "level", FIXED)
        return found

    @property
    def drawn(self) -> dict[str, Any]:
        """What most figures are drawn with."""
        return {"styles": self.styles, "order": self.order}

    @cached_property
    def lines(self) -> dict[str, Any]:
        """What figures with a line a candidate are drawn with: of many, but some are picked out."""
        styles = self.styles if len(self.order) <= CROWD else picked_out(self.styles, self._bold())
        return {"styles": styles, "order": self.order}

    def _bold(self) -> list[str]:
        """Whoever is in focus, the baseline, and the best."""
        focus = self.standing.focus if self.standing is not None else ()
        baseline = [self.baseline] if self.baseline is not None else []
        return list(dict.fromkeys([*focus[: PICKED - 1], *baseline, *self.order]))[:PICKED]

    @cached_property
    def finals(self) -> pd.DataFrame:
        """The trials that are reported."""
        return frames.finals(self.trials)

    @cached_property
    def workloads(self) -> list[str]:
        return frames.names(self.trials, "workload")

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Median steps to target, candidates x workloads with a target; infinite for a miss."""
        return frames.median_steps(self.trials)

    @cached_property
    def standing(self) -> "Standing | None":
        """Who is told apart from whom; None where nobody is there to compare."""
        from optbench.statistics import verdict

        if len(self.board) < 2 or not len(self.finals):
            return None
        read = getattr(self.results, "verdict", None)
        return read() if read is not None else verdict(self.trials, self.baseline)

    def target_shares(self, by: str) -> pd.DataFrame:
        """`optbench.statistics.target_ecdf` by this unit."""
        from optbench.statistics.ecdf import pooled

        return pooled(self._crossed, by)

    @cached_property
    def _crossed(self) -> "list[Crossed]":
        from optbench.statistics.ecdf import crossed

        return crossed(self.curves, self.trials)

    @cached_property
    def scored(self) -> pd.DataFrame:
        """`steps` as the score has them: infinite also where a candidate fails on a held-out variant."""
        from optbench.statistics.held_out import disqualified

        table = self.steps
        if not table.size:
            return table
        return table.mask(disqualified(self.trials, list(table.index), list(table.columns)), np.inf)


def context(results: Any) -> Context:
    """Read the tables. Tuning curves are not drawn, and are not read where that can be told apart."""
    board = results.leaderboard()
    trials = results.trials
    read = getattr(results, "measurements", None)
    candidates = [str(c["name"]) for c in results.suite.get("candidates", []) if "name" in c]
    styles = candidate_styles([*candidates, *frames.names(trials, "candidate"), *map(str, board.index)])
    order = [str(n) for n in board.index] or frames.names(trials, "candidate")
    return Context(results, trials, read("final") if read is not None else results.curves, board, styles, order)
