"""What the site shows: the board, a page for each entry, the comparison of any two; looks and words are a report's."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optbench.board.cite import bibtex
from optbench.board.data import entry_data
from optbench.board.entry import Entry, Refused
from optbench.board.league import History, League, Line
from optbench.contract.text import visible
from optbench.report.page.press import Press
from optbench.report.page.run import draw, facts
from optbench.report.page.run import verdict as words
from optbench.report.page.saving import finish, show
from optbench.report.page.template import rendered, text_of
from optbench.report.parts import Section
from optbench.report.pictures.swatch import again, symbol
from optbench.report.sections.board import board_sections
from optbench.report.sections.context import Context, context
from optbench.report.sections.first import first_picture
from optbench.report.sections.record import how_sections
from optbench.report.tables.leaderboard import leaderboard
from optbench.report.tables.table import Table
from optbench.report.tables.versus import HEADS
from optbench.report.tables.workloads import by_workload
from optbench.report.words.numbers import number, plain
from optbench.report.words.toml import as_toml
from optbench.statistics.sentences import effect_text

if TYPE_CHECKING:
    import pandas as pd

#: of a comparison by workload, what both have
SIDE_BY_SIDE = ("steps_to_target", "solved", "final", "failures")


@dataclass
class Joined:
    """A league as the report's parts read results."""

    league: League

    @property
    def trials(self) -> "pd.DataFrame":
        return self.league.trials

    @cached_property
    def curves(self) -> "pd.DataFrame":
        import pandas as pd

        return pd.DataFrame()

    @property
    def suite(self) -> dict[str, Any]:
        """The league's, with its rows for candidates."""
        rows = [{**line.entry.candidates[line.candidate], "name": line.label} for line in self.league.lines]
        return {**self.league.suite, "candidates": rows, "baseline": self.league.baseline, "focus": [], "claims": []}

    environment: Mapping[str, Any] = None  # type: ignore[assignment]
    problems: Sequence[str] = ()

    @property
    def title(self) -> str:
        return self.league.title

    @property
    def baseline(self) -> str | None:
        return self.league.baseline

    def leaderboard(self) -> "pd.DataFrame":
        return self.league.board

    def verdict(self) -> Any:
        return self.league.standing

    def claims(self) -> "pd.DataFrame":
        return self.curves


@dataclass
class Shown:
    """A league as the page shows it.

    tables    (family, its table): "" for all workloads
    rows      {label: what the row says beside its numbers}
    symbols   {key of a look: its drawing}; `keys` has the look of each row
    """

    league: League
    headline: str
    sentences: list[str]
    first: Any
    tables: list[tuple[str, Table]]
    rows: dict[str, dict[str, Any]]
    symbols: dict[str, str]
    keys: dict[str, str]


def page(template: str, scripts: Sequence[str], root: str, **values: Any) -> str:
    """A page of the site; it forbids every script but these, and every request."""
    from markupsafe import Markup

    texts = [text_of("report.js"), *(text_of(name, "board") for name in scripts)]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
    policy = " ".join(f"'sha256-{one}'" for one in hashes)
    style = Markup(text_of("board.css", "board"))
    shared = {"scripts": list(map(Markup, texts)), "policy": policy, "style": style, "root": root}
    return rendered(template, "board", **shared, **values)


def shown(league: League, number: int, folder: Path) -> Shown:
    """Draw a league's picture and make its tables; files go to a folder of its own within the site.

    number   of the league, from which the ids in its picture are made
    """
    about = context(Joined(league))
    figures = folder / "leagues" / league.id / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    picture = first_picture(about)
    headline, sentences = words(about)
    return Shown(
        league, headline, sentences,
        None if picture is None else show(picture, figures, folder / "index.html", number=number)(),
        [(name, rows_of(board)) for name, board in [("", league.board), *league.boards()]],
        {line.label: row(line, league) for line in league.lines},
        # a look is the place's in the league, so that the same key is the same look in all of them
        {look.key: symbol(look) for look in about.styles.values()},
        {name: look.key for name, look in about.styles.items()},
    )  # fmt: skip


def rows_of(board: "pd.DataFrame") -> Table:
    """The leaderboard as a table; on how many workloads both ran is said where that differs."""
    return leaderboard(board.drop(columns="compared") if board["compared"].nunique() < 2 else board)


def row(line: Line, league: League) -> dict[str, Any]:
    """What a row says beside its numbers."""
    card = line.entry.card
    by = card.authors[0] if len(card.authors) == 1 else f"{card.authors[0]} and {len(card.authors) - 1} more"
    return {
        "entry": line.entry.id, "by": by, "version": card.version, "date": card.date, "kinds": line.kinds,
        "own": line.own, "others": [entry.id for entry in line.others],
        "speed": league.groups("time").get(line.label), "result": league.groups("result").get(line.label),
    }  # fmt: skip


def index(
    title: str, leagues: Sequence[Shown], entries: Sequence[Entry], refused: Sequence[Refused], parquet: bool
) -> str:
    """The board itself."""
    rows = [one for each in leagues for one in each.rows.values()]
    return page(
        "index.html.j2", ["board.js"], "", title=title, leagues=leagues, entries=entries, refused=refused,
        parquet=parquet,
        symbols="".join({key: text for each in leagues for key, text in each.symbols.items()}.values()),
        keys={key: f'<svg class="key" aria-hidden="true"><use href="#look-{key}"/></svg>'
              for each in leagues for key in each.symbols},
        kinds=sorted({kind for one in rows for kind in one["kinds"]}),
        families=list(dict.fromkeys(family for each in leagues for family, _ in each.tables if family)),
        rulesets=sorted({each.league.ruleset for each in leagues}),
        facts=[
            ("entries", len({entry.card.name for entry in entries})),
            ("rows", len(rows)),
            ("authors", len({author for entry in entries for author in entry.card.authors})),
            ("runs on fresh seeds", f"{sum(len(entry.finals) for entry in entries):,}"),
        ],
    )  # fmt: skip


def drawn(entry: Entry, folder: Path) -> dict[str, Any]:
    """All that the page of an entry says of the entry alone, with figures and tables in `folder`.

    Whatever a stranger's results lead to is led to here, before the entry takes part in anything.
    """
    results = entry.results
    about = context(results)
    parts = [*board_sections(about), *how_sections(about)]
    for part in parts:
        part.open = False
    with Press(finish, second=False) as press:
        first = draw(parts, about, folder, folder / "index.html", {}, press, ())
    headline, sentences = words(about)
    json.dumps(entry_data(entry, None))
    return {
        "headline": headline, "sentences": sentences, "first": first, "sections": parts,
        "facts": facts(results, results.trials),
        "keys": {look.key: again(look) for look in about.styles.values()},
        "symbols": "".join(symbol(look) for look in about.styles.values()),
        "settings": [
            (name, entry.fingerprint(name), as_toml(entry.candidates[name]),
             sorted(entry.sources.get(name, {}).items()))
            for name in entry.card.candidates
        ],
        "guests": [
            (str(guest.get("name")), str(guest.get("code")), str(guest["text"]))
            for guest in results.guests
            if guest.get("text")
        ],
        "commands": commands(entry), "citation": bibtex(entry.card), "kept": selected(about, entry),
    }  # fmt: skip


def entry_page(entry: Entry, own: Mapping[str, Any], league: League | None, past: History | None) -> str:
    """The page of an entry: `own` is what `drawn` gave; `league` is None of a version that is not its latest."""
    return page(
        "entry.html.j2", [], "../../", **own, title=entry.card.title, entry=entry, card=entry.card, cautions=[],
        groups=[("Entry", own_sections()), ("Its own report", own["sections"])],
        place=standing_lines(entry, league), league=league, past=past_table(past), beside=beside(entry, league),
    )  # fmt: skip


def beside(entry: Entry, league: League | None) -> str:
    """Where on the page of comparisons the entry stands beside the baseline, or beside the first."""
    if league is None:
        return ""
    order = league.standing.candidates
    mine = next((line.label for line in league.lines if line.entry is entry and line.own), order[0])
    other = next((name for name in (league.baseline, *order) if name is not None and name != mine), mine)
    return f"#{league.id}&{order.index(mine)}&{order.index(other)}"


def own_sections() -> list[Section]:
    """The parts of an entry's page that no report has, for its table of contents."""
    named = {"place": "On the board", "settings": "Settings and source", "again": "Reproduce it", "cite": "Cite it"}
    return [Section(name, title) for name, title in named.items()]


def standing_lines(entry: Entry, league: League | None) -> list[str]:
    """Where its candidates stand among all, and how far others' runs bear it out."""
    if league is None:
        return ["A later version of this entry stands on the board in its place."]
    lines = []
    for line in league.lines:
        if line.entry is not entry and entry not in line.others:
            continue
        if line.candidate not in entry.card.candidates:
            continue
        places = [
            f"{what} group {places[line.label]} of {max(places.values())}"
            for what, name in (("speed", "time"), ("result", "result"))
            if (places := league.groups(name))
        ]
        lines.append(f"{plain(line.label)}: {' and '.join(places) or 'not in groups'}, among {len(league.lines)}.")
    if not entry.reference:
        shared, same = league.again(entry)
        lines.append(
            f"{shared} of its runs are in other entries, too; {same} of these ended in the very same numbers."
            if shared
            else "None of its runs is in another entry, so nobody bears it out yet: reproduce it, below."
        )
    return lines


def past_table(past: History | None) -> list[tuple[str, ...]]:
    """(version, date, candidate, score, steps, words against the version before) of each version, newest first."""
    if past is None:
        return []
    table = leaderboard(past.board)
    cells = {row.candidate: row.cells for row in table.rows}
    at = {column.name: place for place, column in enumerate(table.columns)}
    found = []
    latest = past.versions[-1][0]
    for entry, name, label in sorted(past.versions, key=lambda version: version[0].card.order, reverse=True):
        newest = next((other for e, n, other in past.versions if e is latest and n == name), None)
        texts = [cells[label][at[c]].text if c in at else "–" for c in ("score", "iqm", "ratio_to_baseline")]
        found.append((entry.id, entry.card.version, entry.card.date, name, *texts, _since(past, label, newest)))
    return found


def _since(past: History, label: str, newest: str | None) -> str:
    """How a version's candidate compares with that of the newest version."""
    if newest is None or label == newest:
        return "the newest" if newest else "no longer in it"
    found = [(q, q.between(label, newest)) for q in past.standing.questions]
    return ", ".join(f"{c.word} ({q.metric})" for q, c in found if c is not None) or "–"


def selected(about: Context, entry: Entry) -> list[tuple[str, str, str]]:
    """(candidate, workload, settings) that tuning selected, as the runs on fresh seeds had them."""
    finals = about.trials[about.trials["phase"] == "final"].drop_duplicates(["candidate", "workload", "study"])
    found = []
    for one in finals[finals["candidate"].isin(entry.card.candidates)].to_dict("records"):
        values = json.loads(one["hyperparameters"])
        text = ", ".join(f"{name} {number(v) if isinstance(v, float) else v}" for name, v in values.items())
        found.append((str(one["candidate"]), str(one["workload"]), text))
    return found


def commands(entry: Entry) -> list[str]:
    """What somebody types to run some of its trials again."""
    if entry.reference:
        return [f"optbench reproduce {entry.reference} --trials 10"]
    needed = (entry.results.environment.get("packages") or {}).get("optbench")
    stated = [f"optbench=={needed}"] if isinstance(needed, str) and needed[:1].isdigit() else ["optbench"]
    files = [f"--component {one}" for one in entry.card.components if one.startswith("source/")]
    return [
        "pip install " + " ".join(f'"{one}"' for one in [*stated, *entry.card.requires]),
        " ".join(["optbench reproduce results.sqlite.xz --trials 10", *files]),
        "optbench report results.sqlite.xz --out report/report.html",
    ]


def compare_page(title: str, leagues: Sequence[League]) -> str:
    """The page that sets any two rows of a league beside each other; all that it shows is in it."""
    from markupsafe import Markup

    text = json.dumps([compared(league) for league in leagues], allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":  # no text within can end the element that holds it
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return page("compare.html.j2", ["compare.js"], "", title=title, data=Markup(text), leagues=leagues)


def compared(league: League) -> dict[str, Any]:
    """Of a league all that its page of comparisons says, as texts."""
    standing = league.standing
    order = list(standing.candidates)
    place = {label: i for i, label in enumerate(order)}
    lines = {line.label: line for line in league.lines}
    pairs: dict[str, list[Any]] = {}
    for n, q in enumerate(standing.questions):
        for c in q.comparisons:
            i, j = place[c.candidate], place[c.against]
            c = c if i < j else q.between(c.against, c.candidate) or c
            said = pairs.setdefault(f"{min(i, j)},{max(i, j)}", [None] * len(standing.questions))
            said[n] = [c.word, effect_text(q, c), "" if c.p != c.p else number(c.p), visible(c.reason)]
    table = by_workload(league.by_workload, order)
    columns = [(k, column) for k, column in enumerate(table.columns) if column.name in SIDE_BY_SIDE]
    cells: dict[str, dict[str, list[str]]] = {}
    for one in table.rows:
        cells.setdefault(one.workload, {})[one.candidate] = [one.cells[k].text for k, _ in columns]
    return {
        "id": league.id, "title": visible(league.title), "ruleset": league.ruleset,
        "questions": [[HEADS[q.name][0], HEADS[q.name][1]] for q in standing.questions],
        "rows": [
            {"name": visible(label), "page": f"entries/{lines[label].entry.id}/index.html",
             "by": visible(", ".join(lines[label].entry.card.authors)), "entry": lines[label].entry.id,
             "settings": visible(as_toml(lines[label].entry.candidates[lines[label].candidate]), keep="\n\t")}
            for label in order
        ],
        "pairs": pairs,
        "columns": [column.heading for _, column in columns],
        "workloads": [
            [visible(w), [of.get(label, []) for label in order]] for w, of in cells.items()
        ],
    }  # fmt: skip


