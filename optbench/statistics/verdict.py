"""How fast and how well: who is told apart from whom, in data and in sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.shown import Shown
from optbench.statistics.bootstrap import medians
from optbench.statistics.cells import cells, final_runs, normalized, of_studies
from optbench.statistics.compare import By
from optbench.statistics.held_out import disqualified
from optbench.statistics.holm import ALPHA
from optbench.statistics.iqm import iqm
from optbench.statistics.profiles import score
from optbench.statistics.questions import Question, question
from optbench.statistics.scope import Scope
from optbench.statistics.sentences import about_focus, about_groups, headline, power_sentence

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Standing(Shown):
    """What a run says of its candidates.

    candidates  in the leaderboard's order
    focus       whom the run is about: each is compared with every other; empty: every pair is compared
    baseline    the candidate that others are related to
    questions   how fast ("time", where a workload has a target), then how well ("result"); see `Question`
    scope       what the words are about: these settings, or the method with this budget; None where nothing says
    """

    candidates: tuple[str, ...]
    focus: tuple[str, ...]
    baseline: str | None
    questions: tuple[Question, ...]
    scope: Scope | None = None

    def question(self, name: str) -> Question | None:
        """The question "time" or "result"; None where it cannot be asked."""
        return next((q for q in self.questions if q.name == name), None)

    def headline(self) -> str:
        """The shortest answer, in one sentence."""
        return headline(self.questions, self.focus, self.baseline)

    def lines(self) -> list[str]:
        """What the terminal shows: a line a question beneath each candidate in focus, or a line a question."""
        found: list[str] = []
        for name in self.focus:
            found += [name, *(f"  {text}" for text in about_focus(self.questions, name, self.baseline))]
        if not self.focus:
            found += about_groups(self.questions, self.baseline)
        if found and self.scope is not None:
            found.append(f"{'  ' if self.focus else ''}of {self.scope.words}")
        return [*found, *power_sentence(self.questions)]

    def sentences(self) -> list[str]:
        """The same as whole sentences."""
        found: list[str] = []
        for name in self.focus:
            found += [f"{name} {text}." for text in about_focus(self.questions, name, self.baseline)]
        if not self.focus:
            found += map(_sentence, about_groups(self.questions, self.baseline))
        if found and self.scope is not None:
            found.append(f"This speaks of {self.scope.words}.")
        return [*found, *map(_sentence, power_sentence(self.questions))]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def verdict(
    trials: "pd.DataFrame",
    baseline: str | None = None,
    by: By | None = None,
    alpha: float = ALPHA,
    focus: Sequence[str] = (),
    margins: Mapping[str, float] | None = None,
    scope: Scope | None = None,
) -> Standing:
    """How fast and how well, from the final runs of `trials`; see `Standing`.

    by       what times are: steps (default), gradients, epochs or seconds; "final" asks how well alone
    focus    whom it is about; names without a final run are passed over
    margins  of equality: {"time": a share, "result": a difference}, default 5 % and 0.005
    scope    what the words are about (`optbench.statistics.scope`)

    Each question speaks any false word of a kind in at most `alpha` of cases (measured: docs/statistics.md). It is
    about these workloads: for others see `wilcoxon_holm`, whose unit is the workload.
    """
    runs = final_runs(trials)
    time: By = by or "steps"
    order = leaderboard_order(trials, time)
    about = tuple(dict.fromkeys(name for name in focus if name in order))
    asked = [(a, b) for i, a in enumerate(about) for b in order if b != a and b not in about[:i]]
    asked = asked if about else list(combinations(order, 2))
    which: list[By] = ["final"]
    if time != "final" and len(runs) and runs["target_metric"].notna().any():
        which = [time, "final"]
    questions = tuple(question(trials, one, asked, order, margins, alpha) for one in which) if order else ()
    return Standing(tuple(order), about, baseline if baseline in order else None, questions, scope)


def leaderboard_order(trials: "pd.DataFrame", by: str = "steps") -> list[str]:
    """Candidates as the leaderboard sorts them."""
    runs = final_runs(trials)
    names, workloads = list(dict.fromkeys(runs["candidate"])), list(dict.fromkeys(runs["workload"]))
    if not names:
        return []
    finals = cells(runs, normalized(runs), names, workloads).values
    ran = ~np.isnan(finals)
    finals[~ran.any(axis=2)[:, :, None] & ran.any(axis=0)] = 0.0
    middle = iqm(finals.reshape(len(names), -1))
    first = np.zeros(len(names))
    timed = list(dict.fromkeys(runs.loc[runs["target_metric"].notna(), "workload"]))
    if by != "final" and timed:
        of = of_studies(runs, f"{by}_to_target")
        times = cells(of, of[f"{by}_to_target"], names, timed).values
        times[disqualified(trials, names, timed, by)] = np.inf
        first = score(medians(times))
    return [names[i] for i in sorted(range(len(names)), key=lambda i: (-first[i], -middle[i]))]
