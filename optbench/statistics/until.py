"""A whole run that adds seeds until its questions are answered: which questions, and the answers after each look.

**Questions.** With a focus: each candidate of it against every other; without one: every pair of candidates. The kinds
are *time* (steps to target, where a workload has one) and *result* (the final result); each has alpha for itself and
is corrected for its comparisons, as the same words are at fixed seeds (`versus`).

**Looks** are planned in numbers of seeds, the same for all candidates of a workload. A look sees the seeds up to its
number and nothing beyond; what it decided stays (`looks`). So answers follow from the plan and the runs alone, however
often a run was interrupted, and whatever seeds a store holds besides.

**Several studies** of a workload: a pair of a seed is the mean over them, so that seeds stay the independent witnesses;
the words are then about the settings that these studies selected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from optbench.statistics.cells import final_runs
from optbench.statistics.compare import MARGINS
from optbench.statistics.equality import Word, log_margin
from optbench.statistics.flips import DRAWS
from optbench.statistics.looks import Decision, Plan, decide, rounds
from optbench.statistics.pairs import Paired, seed_pairs
from optbench.statistics.ratios import of_logs
from optbench.statistics.stopped import estimate

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["time", "result"]
#: the measure of a kind, of `seed_pairs`
BY: dict[Kind, str] = {"time": "steps", "result": "final"}
#: so many statistics (patterns, comparisons and looks) are kept at once, and so many patterns at least are drawn
ROOM, FEWEST = 4_000_000, 500
#: seeds of the first look, and of the last where nobody says how many
FIRST, MOST = 6, 100


@dataclass(frozen=True)
class Aim:
    """What a run has to find out, and when it looks: planned before any look.

    looks    numbers of seeds, rising; the last is the limit
    order    names of candidates and of workloads: flipped signs are drawn in an order, but tables have the one
             in which runs came in
    focus    candidates that were asked about; none: all pairs
    equal    margins of equality: {"time": a share, "result": a difference}
    """

    looks: tuple[int, ...]
    order: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()
    equal: Mapping[str, float] = field(default_factory=lambda: dict(MARGINS))

    def plan(self, kind: Kind) -> Plan:
        return Plan(self.looks, log_margin(self.equal["time"]) if kind == "time" else self.equal["result"])

    def asked(self, candidates: Sequence[str]) -> list[tuple[str, str]]:
        """Pairs (candidate, against), each once: of a kind they are corrected for together."""
        about = [name for name in self.focus if name in candidates]
        if not about:
            return list(combinations(candidates, 2))
        return [(mine, c) for i, mine in enumerate(about) for c in candidates if c != mine and c not in about[:i]]


def aim(
    most: int = MOST, order: Sequence[str] = (), focus: Sequence[str] = (), equal: Mapping[str, float] | None = None
) -> Aim:
    """Looks from six seeds on, each half as many again, up to `most`."""
    return Aim(rounds(min(FIRST, most), most), tuple(order), tuple(focus), {**MARGINS, **(equal or {})})


@dataclass(frozen=True)
class Answer:
    """The word on one question so far.

    look, seeds   that gave the word: 0 while it is undecided
    z             see `Decision`
    missed        neither met a target in any pair so far: no further seed is awaited for its sake
    """

    kind: Kind
    candidate: str
    against: str
    word: Word = "undecided"
    look: int = 0
    seeds: int = 0
    z: tuple[float, ...] = ()
    missed: bool = False

    @property
    def open(self) -> bool:
        return not self.look and not self.missed

    @property
    def question(self) -> tuple[str, str, str]:
        return self.kind, self.candidate, self.against

    def record(self) -> dict[str, Any]:
        """As JSON holds it; `answer_of` reads it."""
        return asdict(self)


def answer_of(record: Mapping[str, Any]) -> Answer:
    return Answer(**{**record, "z": tuple(record["z"])})


def answered(
    trials: "pd.DataFrame", aim: Aim, seeds: int, before: Sequence[Answer] = (), draws: int | None = None
) -> list[Answer]:
    """The answers of the look at so many seeds, from the trials' table; those that were given `before` stay.

    draws   patterns of signs; None: `DRAWS`, or fewer of very many comparisons, the same at all looks

    Pairs of candidates that share no workload are no question. ValueError where `seeds` is no planned look.
    """
    if seeds not in aim.looks:
        raise ValueError(f"seeds: {seeds}; expected a planned look, one of {aim.looks}")
    kept = {one.question: one for one in before if one.look}
    found: list[Answer] = []
    for kind, pairs in measured(trials, aim.order, seeds).items():
        asked = [(a, b) for a, b in aim.asked(pairs.candidates) if _shared(pairs, a, b)]
        number = draws or int(np.clip(ROOM // max(len(asked) * len(aim.looks), 1), FEWEST, DRAWS))
        for d in decide(pairs, asked, aim.plan(kind), number).decisions:
            missed = not d.look and _missed(pairs, d.candidate, d.against)
            one = Answer(kind, d.candidate, d.against, d.word, d.look, d.seeds, d.z, missed)
            found.append(kept.get(one.question, one))
    return found


def measured(trials: "pd.DataFrame", order: Sequence[str] = (), seeds: int | None = None) -> dict[Kind, Paired]:
    """The pairs of each kind that has any, of the first `seeds` seeds, or of all.

    Seeds stand in their order, candidates and workloads in that of `order`, and what is not in it takes no part;
    without one all do, by name. Several studies of a workload are further targets (see `Paired`), so that a seed is one
    pair.
    """
    runs = final_runs(trials)
    names, works = (_in_order(list(runs[column].unique()), order) for column in ("candidate", "workload"))
    runs = runs[runs["candidate"].isin(names) & runs["workload"].isin(works)]
    if seeds is not None:
        runs = runs[runs["seed"].isin(np.sort(runs["seed"].unique())[:seeds])]
    runs = runs.assign(at=runs["workload"].map(works.index), of=runs["candidate"].map(names.index))
    runs = runs.sort_values(["seed", "study", "at", "of"]).drop(columns=["at", "of"])
    variants = trials[trials["variant_of"].notna()] if "variant_of" in trials else trials[:0]
    found: dict[Kind, Paired] = {}
    for kind, by in BY.items():
        parts = [_of_study(runs, variants, study, by) for study in sorted(runs["study"].unique())]
        pairs = _stacked([part for part in parts if part.workloads])  # no times without a target
        if pairs is not None and len(pairs.candidates) > 1:
            found[kind] = _ordered(pairs, names)
    return found


def _in_order(names: Sequence[str], order: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(order) if name in set(names)] if order else sorted(names)


def _of_study(runs: "pd.DataFrame", variants: "pd.DataFrame", study: int, by: str) -> Paired:
    import pandas as pd

    return seed_pairs(pd.concat([runs[runs["study"] == study], variants[variants["study"] == study]]), by)


def _stacked(parts: Sequence[Paired]) -> Paired | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    names = list(dict.fromkeys(name for part in parts for name in part.candidates))
    works = list(dict.fromkeys(name for part in parts for name in part.workloads))
    most = max(part.values.shape[2] for part in parts)
    values, missed = [], []
    for part in parts:
        shape = part.values.shape
        one, lost = (a.reshape(*shape[:3], -1) for a in (part.values, part.missed))
        wide = np.full((len(names), len(works), most, one.shape[3]), np.nan)
        gone = np.zeros(wide.shape, dtype=bool)
        rows, columns = [names.index(n) for n in part.candidates], [works.index(w) for w in part.workloads]
        place = np.ix_(rows, columns, range(shape[2]))
        wide[place], gone[place] = one, lost
        values.append(wide)
        missed.append(gone)
    return Paired(names, works, np.concatenate(values, axis=-1), np.concatenate(missed, axis=-1), parts[0].ratio)


def _ordered(pairs: Paired, names: Sequence[str]) -> Paired:
    """Candidates in the order of the table, whoever has the first seed."""
    order = sorted(range(len(pairs.candidates)), key=lambda i: names.index(pairs.candidates[i]))
    kept = [pairs.candidates[i] for i in order]
    return replace(pairs, candidates=kept, values=pairs.values[order], missed=pairs.missed[order])


def _shared(pairs: Paired, a: str, b: str) -> bool:
    if a not in pairs.candidates or b not in pairs.candidates:
        return False
    table = pairs.table(pairs.candidates.index(a), pairs.candidates.index(b))
    return bool((np.count_nonzero(~np.isnan(table), axis=1) >= 2).any())


def _missed(pairs: Paired, a: str, b: str) -> bool:
    """Whether both missed every target in every pair."""
    both = [pairs.candidates.index(name) for name in (a, b)]
    known = ~np.any(np.isnan(pairs.values[both]), axis=0)
    lost = np.all(pairs.missed[both], axis=0)
    return bool(np.any(known) and np.all(lost[known]))


COLUMNS = ("question", "candidate", "against", "word", "seeds", "effect", "low", "high", "seen", "unit")


def answers_table(trials: "pd.DataFrame", aim: Aim, answers: Sequence[Answer], seeds: int) -> "pd.DataFrame":
    """One row a question after `seeds` seeds, its effect corrected for stopping (`stopped`).

    question          time or result
    candidate, against, word
    seeds             with which the word was spoken; 0: it is undecided
    effect, low, high a ratio of times, or a difference of results, median-unbiased with its 95 % interval
    seen              the mean as it was seen
    unit              ratio or difference
    """
    import pandas as pd

    found = measured(trials, aim.order, seeds)
    rows = []
    for one in answers:
        pairs = found.get(one.kind)
        if pairs is None or not _shared(pairs, one.candidate, one.against):
            continue
        decision = Decision(one.candidate, one.against, one.word, one.look, one.seeds, one.z)
        stopped = estimate(pairs, decision, aim.plan(one.kind))
        ends = np.array([stopped.effect, stopped.low, stopped.high, stopped.naive])
        told = map(float, of_logs(ends) if pairs.ratio else ends)
        rows.append((*one.question, one.word, one.seeds, *told, pairs.unit))
    return pd.DataFrame(rows, columns=list(COLUMNS))
