"""Entries that compare, in one comparison: the leaderboard, the groups and the words are those of a report.

Entries share a **league** where candidates were treated alike: the same workloads, budget of tuning, ruleset, root of
chance, contract of components and data. Then runs of one seed on one workload are pairs, whoever made them: steps and
results compare across machines. Seconds do not, and are left out.

A candidate with the same settings, ranges and code is one row, however many entries have it: its runs are those of the
first (references, then by date). What an entry is about comes before what it brings along to compare with.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from optbench.board.entry import Entry
from optbench.results.unlike import unlike
from optbench.statistics import leaderboard, scope, verdict, workload_table
from optbench.statistics.verdict import Standing

if TYPE_CHECKING:
    import pandas as pd

#: rows beyond which each is compared with the baseline alone: pairs grow with the square
PAIRED = 100
#: columns of the leaderboard that other machines' clocks are in
SECONDS = "seconds_ratio"


@dataclass
class Line:
    """A row of a league: a candidate of an entry.

    label   what it is called here: the candidate's name, with the entry's where two would be called the same
    own     whether the entry is about it
    others  further entries that have the very same candidate
    """

    label: str
    entry: Entry
    candidate: str
    own: bool
    others: list[Entry] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return self.entry.kinds(self.candidate)


@dataclass
class League:
    """The newest versions of entries that compare, the first one's suite."""

    id: str
    entries: list[Entry]
    #: what tells it from others of the same title
    part: str = ""

    @property
    def first(self) -> Entry:
        return self.entries[0]

    @property
    def suite(self) -> dict[str, Any]:
        return self.first.results.suite

    @property
    def title(self) -> str:
        """The suite's own, with what tells the league from others of the same."""
        title = str(self.first.results.title or self.suite.get("title") or self.id)
        return f"{title} ({self.part})" if self.part else title

    @property
    def ruleset(self) -> str:
        return self.first.ruleset

    @cached_property
    def lines(self) -> list[Line]:
        """All rows, each candidate once."""
        known: dict[str, Line] = {}
        for own in (True, False):
            for entry in self.entries:
                for name in entry.candidates:
                    if (name in entry.card.candidates) != own or name not in set(entry.finals["candidate"]):
                        continue
                    line = known.setdefault(entry.identity(name), Line(name, entry, name, own))
                    if line.entry is not entry:
                        line.others.append(entry)
        lines = list(known.values())
        names = [line.candidate for line in lines]
        for line in lines:
            if names.count(line.candidate) > 1:
                line.label = f"{line.candidate} ({line.entry.id})"
        return lines

    @cached_property
    def trials(self) -> "pd.DataFrame":
        """Final runs of all rows, by their labels."""
        return joined([(line.label, line.entry, line.candidate) for line in self.lines])

    @cached_property
    def baseline(self) -> str | None:
        """The row of the suite's baseline."""
        named = self.first.results.baseline
        return next((line.label for line in self.lines if line.candidate == named), None)

    @cached_property
    def board(self) -> "pd.DataFrame":
        return leaderboard(self.trials, self.baseline).drop(columns=SECONDS)

    @cached_property
    def standing(self) -> Standing:
        """Every pair in both questions; of very many rows those with the baseline."""
        focus = [self.baseline] if len(self.lines) > PAIRED and self.baseline else []
        margins = dict(self.suite.get("equal") or {})
        return verdict(self.trials, self.baseline, focus=focus, margins=margins, scope=scope(self.suite))

    @property
    def paired(self) -> bool:
        """Whether every pair is compared, so that there are groups."""
        return not self.standing.focus

    def groups(self, question: str) -> dict[str, int]:
        """{row: its group, 1 the best} in a question, "time" or "result"; empty where it cannot be asked."""
        found = self.standing.question(question)
        if found is None or not self.paired:
            return {}
        return {name: place for place, group in enumerate(found.groups.order, 1) for name in group}

    @cached_property
    def families(self) -> dict[str, list[str]]:
        """{family: its workloads}, by what the suite calls it, else by the network."""
        found: dict[str, list[str]] = {}
        for table in self.suite["workloads"]:
            if not table.get("variant_of") and not table.get("sealed"):
                found.setdefault(family(table), []).append(table["name"])
        return found

    def boards(self) -> "Iterator[tuple[str, pd.DataFrame]]":
        """(family, leaderboard) of the workloads of each family, where there are several."""
        if len(self.families) < 2:
            return
        base = self.trials["workload"].where(self.trials["variant_of"].isna(), self.trials["variant_of"])
        for name, works in self.families.items():
            part = self.trials[base.isin(works)]
            if len(part):
                yield name, leaderboard(part, self.baseline).drop(columns=SECONDS)

    @cached_property
    def by_workload(self) -> "pd.DataFrame":
        return workload_table(self.trials[self.trials["variant_of"].isna()]).drop(columns="seconds_to_target")

    def again(self, entry: Entry) -> tuple[int, int]:
        """(runs of the entry that others have, too, those of them that ended alike in all): the same trial gives the
        same bits on the same machine, and about the same result elsewhere."""
        mine = dict(zip(entry.finals["key"], map(repr, _results(entry.finals)), strict=True))
        theirs: dict[str, set[str]] = {}
        for other in self.entries:
            if other.card.name == entry.card.name:
                continue
            for key, result in zip(other.finals["key"], map(repr, _results(other.finals)), strict=True):
                if key in mine:
                    theirs.setdefault(key, set()).add(result)
        return len(theirs), sum(results == {mine[key]} for key, results in theirs.items())


def _results(finals: "pd.DataFrame") -> Iterator[tuple[Any, ...]]:
    names = ("outcome", "steps_to_target", "final_train_loss", "final_test_loss", "final_test_metric")
    return zip(*(finals[name].tolist() for name in names), strict=True)


def joined(parts: Sequence[tuple[str, Entry, str]]) -> "pd.DataFrame":
    """(label, entry, candidate) as one table of final runs, candidates by their labels."""
    import pandas as pd

    frames = [e.finals[e.finals["candidate"] == name].assign(candidate=label) for label, e, name in parts]
    # what no run of a part has is a column of nothing, which pandas would guess a type from
    return pd.concat([f.dropna(axis=1, how="all") for f in frames], ignore_index=True).reindex(
        columns=list(dict.fromkeys(name for f in frames for name in f))
    )


def family(workload: dict[str, Any]) -> str:
    """What kind of workload it is."""
    network = workload.get("network")
    named = network.get("name") or network.get("kind") if isinstance(network, dict) else None
    return str(workload.get("family") or named or ("function" if workload.get("function") else "other"))


def alike(one: Entry, other: Entry) -> bool:
    """Whether candidates of both were treated alike."""
    a, b = one.results.suite, other.results.suite
    if (one.ruleset, one.contracts) != (other.ruleset, other.contracts):
        return False
    if any(unlike(a.get(name), b.get(name), name) for name in ("seed", "tuning")):
        return False
    works = [{w["name"]: w for w in suite["workloads"] if not w.get("sealed")} for suite in (a, b)]
    if works[0].keys() != works[1].keys() or any(unlike(works[0][n], works[1][n]) for n in works[0]):
        return False
    data = [{k: v for of in e.sources.values() for k, v in of.items() if k.startswith("data:")} for e in (one, other)]
    return all(data[0][name] == data[1][name] for name in data[0].keys() & data[1].keys())


def newest(entries: Sequence[Entry]) -> list[Entry]:
    """Of each name the latest version, references first, then in the order of their dates."""
    last: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda e: e.card.order):
        last[entry.card.name] = entry
    return sorted(last.values(), key=lambda e: (not e.reference, e.card.date, e.id))


def leagues(entries: Sequence[Entry]) -> list[League]:
    """All leagues, those of most entries first."""
    found: list[League] = []
    for entry in sorted(entries, key=lambda e: (not e.reference, e.card.date, e.id)):
        league = next((one for one in found if alike(one.first, entry)), None)
        if league is None:
            found.append(League("", [entry]))
        else:
            league.entries.append(entry)
    found.sort(key=lambda league: -len(league.entries))
    taken: list[str] = []
    for league in found:
        slug = re.sub(r"[^a-z0-9]+", "-", league.first.suite.lower()).strip("-")[:40] or "suite"
        taken.append(slug)
        league.id = slug if taken.count(slug) == 1 else f"{slug}-{taken.count(slug)}"
        league.entries = newest(league.entries)
    titles = [league.title for league in found]
    counts = [len(league.suite["workloads"]) for league in found]
    for league, title, count in zip(found, titles, counts, strict=True):
        if titles.count(title) > 1:
            alone = list(zip(titles, counts, strict=True)).count((title, count)) == 1
            league.part = f"{count} workload{'s' if count > 1 else ''}" if alone else league.id
    return found


@dataclass
class History:
    """All versions of an entry that compare with the newest, on one footing.

    versions   oldest first, with the label of each candidate
    """

    versions: list[tuple[Entry, str, str]]
    board: "pd.DataFrame"
    standing: Standing


def history(entry: Entry, entries: Sequence[Entry], league: League) -> History | None:
    """The history of an entry's candidates over its versions; None of an entry with a single one."""
    of = sorted((e for e in entries if e.card.name == entry.card.name and alike(e, entry)), key=lambda e: e.card.order)
    if len(of) < 2:
        return None
    versions = [(e, name, f"{name} {e.card.version}") for e in of for name in e.card.candidates]
    parts = [(label, e, name) for e, name, label in versions]
    base = next((line for line in league.lines if line.label == league.baseline), None)
    if base is not None and (base.entry.card.name != entry.card.name or not base.own):
        parts.append((base.label, base.entry, base.candidate))
    trials = joined(parts)
    baseline = base.label if base is not None else None
    latest = [label for e, _, label in versions if e is of[-1]]
    margins = dict(league.suite.get("equal") or {})
    standing = verdict(trials, baseline, focus=latest, margins=margins, scope=scope(league.suite))
    return History(versions, leaderboard(trials, baseline).drop(columns=SECONDS), standing)
