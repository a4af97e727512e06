"""What the page's tables hold: plain rows for the template, numbers already as text."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from optbench.components import walk
from optbench.report import frames
from optbench.report.bridges import note, toll_of, tolls
from optbench.report.figures.claims import number, unit
from optbench.report.style import INK, Styles
from optbench.report.terminal import count, interval, plain, ratio, share
from optbench.trial import FINISHED

#: groups of failures that are listed; the store has all
LISTED = 40
MENDABLE = {"error": 0, "crashed": 1, "timeout": 2}

#: column: (heading, explanation)
COLUMNS = {
    "score": (
        "Score",
        "Area under the performance profile over steps to target, 0 to 1, with its 95 % interval",
    ),
    "iqm": ("IQM", "Interquartile mean of the normalized final results, with its 95 % interval"),
    "solved": ("Solved", "Share of the runs on fresh seeds that met their workload's target"),
    "ratio_to_baseline": (
        "Steps ×",
        "Steps to target as a multiple of the baseline's, with its 95 % interval: geometric mean over the "
        "workloads that both solved",
    ),
    "seconds_ratio": ("Seconds ×", "The same in calibrated seconds"),
    "compared": ("Both", "Workloads that both the candidate and the baseline solved"),
    "failures": ("Failed", "Runs on fresh seeds that diverged, raised, crashed or ran out of time"),
    "trials": ("Runs", "Runs on fresh seeds"),
}


def leaderboard(
    board: pd.DataFrame, styles: Styles, bridges: Mapping[str, Any] | None = None, costs: pd.DataFrame | None = None
) -> dict[str, Any]:
    """{"columns": [(heading, explanation)], "rows": [{"name", "color", "via", "toll", "cells"}], "bridge": sentence}.

    bridges, costs   as `optbench.results.Results` has them; without costs shares of a step's time are not known
    """
    columns = [c for c in COLUMNS if c in board and board[c].notna().any()]
    rows = []
    for name, row in board.iterrows():
        cells = {str(k): v for k, v in row.items()}
        color = styles[str(name)].color if str(name) in styles else INK
        toll = toll_of(bridges or {}, str(name), costs)
        rows.append(
            {
                "name": plain(name),
                "color": "var(--ink)" if color == INK else color,
                "via": plain(toll.library) if toll else "",
                "toll": str(toll) if toll else "",
                "cells": [_cell(c, cells) for c in columns],
            }
        )
    found = tolls(bridges or {}, [str(name) for name in board.index], costs)
    return {"columns": [COLUMNS[c] for c in columns], "rows": rows, "bridge": note(found)}


def _cell(column: str, row: dict[str, Any]) -> str:
    if column in ("score", "iqm"):
        return interval(row, column)
    if column == "ratio_to_baseline":
        return interval(row, column, "ratio_low", "ratio_high")
    if column == "seconds_ratio":
        return ratio(row[column])
    if column == "solved":
        return share(row[column])
    return count(row[column])


def claims(rows: pd.DataFrame) -> list[dict[str, str]]:
    """A row a claim."""
    shown = []
    for record in rows.to_dict("records"):
        row = {str(k): v for k, v in record.items()}
        values = [number(float(row[c])) for c in ("effect", "low", "high")]
        shown.append(
            {
                "statement": plain(row["statement"]),
                "verdict": plain(row["verdict"]),
                "compared": f"{plain(row.get('better', ''))} with {plain(row.get('worse', ''))}",
                "workload": plain(row.get("workload", "")),
                "metric": frames.words(plain(row.get("metric", ""))),
                "effect": f"{values[0]} [{values[1]}, {values[2]}]{unit(row)}",
                "reason": "" if pd.isna(row.get("reason")) else plain(row.get("reason", "")),
                "seeds": count(row.get("seeds")),
                "source": "" if pd.isna(row.get("source")) else plain(row.get("source", "")),
            }
        )
    return shown


def failures(trials: pd.DataFrame) -> dict[str, Any]:
    """Trials without a result: {"groups": [...], "more": groups not listed, "total": trials}.

    Grouped by candidate, phase, outcome and message, whatever the numbers in it. What somebody has to mend stands
    before what a large rate did, and fresh seeds before tuning.
    """
    if not len(trials):
        return {"groups": [], "more": 0, "total": 0}
    failed = trials[~trials["outcome"].isin(FINISHED)]
    failed = failed.assign(message=failed["message"].fillna("").astype(str))
    shape = failed["message"].str.replace(r"[\d.]+(e[-+]?\d+)?", "0", regex=True)
    groups = []
    for (candidate, phase, outcome, _), rows in failed.groupby(
        ["candidate", "phase", "outcome", shape], sort=False
    ):
        tracebacks = [t for t in rows["traceback"] if isinstance(t, str) and t]
        groups.append(
            {
                "candidate": plain(candidate),
                "outcome": plain(outcome),
                "times": "once" if len(rows) == 1 else f"{len(rows)} times",
                "phase": "while tuning" if phase == "tune" else "on fresh seeds",
                "workloads": ", ".join(plain(w) for w in dict.fromkeys(rows["workload"])),
                "message": rows["message"].iloc[0],
                "traceback": tracebacks[0] if tracebacks else "",
                "rank": (MENDABLE.get(str(outcome), 3), phase == "tune", -len(rows)),
            }
        )
    groups.sort(key=lambda group: group["rank"])
    return {"groups": groups[:LISTED], "more": max(len(groups) - LISTED, 0), "total": len(failed)}


def flat(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Nested settings as rows (path, text); lists in one line."""
    return [(plain(path), _text(value)) for path, value in walk(values)]


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(v) for v in value)
    return "–" if value is None or value == "" else plain(value)


def facts(results: Any, trials: pd.DataFrame) -> list[tuple[str, str]]:
    """The numbers under the headline: how much stands behind it."""
    final = frames.finals(trials)
    seeds = final["seed"].nunique() if len(final) else 0
    commit = results.environment.get("commit")
    return [
        ("candidates", str(len(frames.names(trials, "candidate")))),
        ("workloads", str(len(frames.names(trials, "workload")))),
        ("fresh seeds", str(seeds)),
        ("trials", f"{len(trials):,}"),
        *([("commit", plain(commit)[:12])] if commit else []),
    ]


def methods(suite: Mapping[str, Any], baseline: str | None = None) -> list[str]:
    """How things were measured, in sentences with this suite's own numbers."""
    tuning = suite.get("tuning") or {}
    trials = tuning.get("trials")
    budget = f" of {trials} trials" if trials else ""
    method = f" ({plain(tuning['method'])} search)" if tuning.get("method") else ""
    seeds = f"{suite['seeds']} fresh seeds" if suite.get("seeds") else "fresh seeds"
    tuned = (
        f"Every candidate was tuned on every workload with the same budget{budget}{method}, seeing training and "
        f"validation data only. The setting that did best on validation data was then run on {seeds}; only these "
        "runs are reported."
    )
    if trials == 0:
        tuned = f"No candidate was tuned: each ran with its default settings, on {seeds}."
    ratios = (
        f" Ratios are to the baseline, {plain(baseline)}: geometric means over the workloads that both solved."
        if baseline
        else ""
    )
    return [
        f"{tuned} The test split was read once, at the end of each of them.",
        "Seeds are paired: with the same seed, all candidates start from the same weights and see the same "
        "mini-batches. Intervals are 95 %: of scores, percentile bootstrap with seeds resampled within each "
        "workload; of claims, Student's on the paired differences. Where data "
        "cannot decide, the word is undecided.",
        "Time to target is the first evaluation that meets the target; a miss is infinite. Seconds are calibrated: "
        "the cost of a step was timed after the trials, one candidate at a time on one thread, and multiplied by "
        f"the steps.{ratios}",
        "The score is the area under the performance profile (Dolan and Moré 2002) up to 4 times the best; "
        "IQM is the interquartile mean of normalized results (Agarwal et al. 2021).",
        *_held_out(suite),
    ]


def _held_out(suite: Mapping[str, Any]) -> list[str]:
    variants = [plain(w["name"]) for w in suite.get("workloads", []) if w.get("variant_of")]
    if not variants:
        return []
    return [
        f"Held out from tuning: {', '.join(variants)}. There candidates ran with the settings selected on the base. "
        "They are no workloads of the score, but who is not within 4 times the best on one has an infinite time on its "
        "base (as in AlgoPerf, Dahl et al. 2023)."
    ]
