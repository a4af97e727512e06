"""The first screen: one picture of who wins, by how much, how sure; and what to be careful about."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from optbench.language import N_
from optbench.language import gettext as _
from optbench.report import figures
from optbench.report.parts import Picture
from optbench.report.sections.context import Context
from optbench.report.topics import only_lesson
from optbench.report.words.numbers import plain
from optbench.suite.lessons import Lesson

#: kind of a caution: what it says of several
CAUTIONS = {
    "special-case": N_("A candidate is beaten by its own special case"),
    "unequal": N_("Candidates were not tuned alike"),
    "seeds": N_("Too few seeds to decide"),
    "target": N_("Targets that make times noisy"),
    "edge": N_("A selected setting lies at the edge of its range"),
}


def first_picture(about: Context) -> Picture | None:
    """The leaderboard's figure, or all claims of a lesson at a glance; None without any candidate or claim, and for one
    topic by itself, whose pictures follow at once."""
    if isinstance(about.results.suite, Lesson):
        return None
    if only_lesson(about.results.suite):
        claims = about.results.claims()
        return Picture(
            "claims-overview",
            _("All claims by topic, a numbered mark each: whether the data support it."),
            _("A mark a claim, with its number in its lesson's list of what the runs say."),
            partial(figures.claims_overview, claims),
        ) if len(claims) else None
    if not len(about.board):
        return None
    baseline = about.baseline
    ratio = (
        f" Steps are times those of the baseline, {plain(baseline)} (dotted line), over the workloads that both ran on."
        if baseline and "ratio_to_baseline" in about.board and about.board["ratio_to_baseline"].notna().any()
        else ""
    )
    level = level_with_first(about)
    hollow = f" Hollow marks: not told apart from {plain(level[0])} by paired tests." if len(level) > 1 else ""
    return Picture(
        "leaderboard",
        "Dots with 95 % intervals, a row a candidate: its score, and its steps to target over the baseline's.",
        f"95 % intervals over seeds.{hollow}{ratio}",
        partial(figures.leaderboard, about.board, about.styles, level=level[1:]),
    )


def place_of(candidate: str = "", workload: str = "") -> str:
    return _("{candidate} on {workload}").format(candidate=candidate, workload=workload) if workload else candidate


def level_with_first(about: Context) -> list[str]:
    """Whoever is in focus, else the first, and who is not told apart from it by the first question."""
    standing = about.standing
    if standing is None or not standing.questions:
        return []
    first = (standing.focus or standing.candidates)[0]
    return [first, *standing.questions[0].level(first)]


def cautions_of(results: Any, workloads: Mapping[str, str]) -> list[dict[str, Any]]:
    """Cautions by kind: {"title", "rows": [(where, message)]}, in the order in which they come."""
    read = getattr(results, "cautions", None)
    found: pd.DataFrame = read() if read is not None else pd.DataFrame()
    groups: dict[str, dict[str, Any]] = {}
    for row in found.to_dict("records") if len(found) else ():
        kind = str(row["kind"])
        group = groups.setdefault(
            kind, {"title": _(CAUTIONS.get(kind, plain(kind).replace("-", " ").capitalize())), "rows": []}
        )
        places = [plain(row[part]) for part in ("candidate", "workload") if row.get(part)]
        group["rows"].append((place_of(*places), plain(row["message"]), workloads.get(row.get("workload") or "", "")))
    return list(groups.values())
