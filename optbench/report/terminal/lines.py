"""Lines around the leaderboard: the verdict above; claims, cautions, rules, held-out variants below."""

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from optbench.report.terminal.leaderboard import WIDTH
from optbench.report.words.interactions import interaction_sentences
from optbench.report.words.numbers import plain

if TYPE_CHECKING:
    from optbench.statistics import Standing

#: so many interactions are told; the report has them all
TOLD = 6
#: so many cautions are shown; the report has them all
MOST_CAUTIONS = 6


def caution_lines(cautions: pd.DataFrame, most: int = MOST_CAUTIONS) -> list[str]:
    """A line a caution of `Results.cautions()`, the first of each kind before the second of any; then how many more."""
    turn = cautions.groupby("kind", sort=False).cumcount()
    rows = cautions.loc[turn.sort_values(kind="stable").index[:most]].sort_index()
    lines = []
    for kind, workload, candidate, message in rows[["kind", "workload", "candidate", "message"]].astype(str).to_numpy():
        about = f"{candidate} on {workload}" if candidate and workload else candidate or workload
        lines.append(plain(f"caution ({kind}): {about}{': ' if about else ''}{message}"))
    if len(cautions) > most:
        lines.append(f"and {len(cautions) - most} more cautions: see the report")
    return lines


def verdict_lines(standing: "Standing") -> list[str]:
    """What `Standing` says, within 80 columns; nothing where there is nobody to compare."""
    if not any(q.comparisons for q in standing.questions):
        return []
    return [part for line in standing.lines() for part in wrapped(plain(line))]


def wrapped(line: str) -> list[str]:
    """Broken at blanks, what follows deeper than the first; names and numbers stay whole."""
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line.strip(), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def claim_lines(claims: pd.DataFrame) -> list[str]:
    """A line a claim of `Results.claims()`: its verdict, and why it is undecided."""
    lines = []
    for row in claims[["verdict", "statement", "reason"]].astype(str).to_dict("records"):
        why = f" ({row['reason']})" if row["reason"] and row["verdict"] == "undecided" else ""
        lines.append(plain(f"{row['verdict']}: {row['statement']}{why}"))
    return lines


def ruleset_lines(suite: Mapping[str, Any]) -> list[str]:
    """A line where candidates were not tuned: such a ranking is another one than that of tuned ones."""
    if suite.get("ruleset") != "tuning-free":
        return []
    return ["ruleset tuning-free: every candidate ran with one setting, as declared; nothing was searched"]


def interaction_lines(effects: pd.DataFrame, suite: Mapping[str, Any], most: int = TOLD) -> list[str]:
    """What each crossed component does to each other one, from `Results.interactions()`."""
    told = interaction_sentences(effects, suite)
    lines = [plain(text) for text in told[:most]]
    if len(told) > most:
        lines.append(f"and {len(told) - most} more interactions: see the report")
    timed = {design for design, metric in zip(effects["design"], effects["metric"], strict=True) if metric == "steps"}
    untold = [design for design in dict.fromkeys(effects["design"]) if design not in timed]
    if untold and any(w.get("target") for w in suite.get("workloads", ())):
        why = "on each workload a cell missed the target in most runs"
        lines.append(plain(f"times of {', '.join(untold)} are not compared: {why}"))
    return lines


def held_out_lines(variants: pd.DataFrame) -> list[str]:
    """A line a candidate that fails on held-out variants, from `Results.variants()`: it loses the time on the base."""
    lines = []
    for candidate, rows in variants[~variants["qualified"].astype(bool)].groupby("candidate", sort=False):
        names, bases = ", ".join(rows["workload"]), ", ".join(dict.fromkeys(rows["variant_of"]))
        lines.append(
            plain(f"held out: {candidate} is not within 4 times the best on {names}: a miss on {bases} in the score")
        )
    return lines
