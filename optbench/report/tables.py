"""What the page's tables hold: plain rows for the template, numbers already as text."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optbench.contract.hyperparameters import walk
from optbench.report import frames
from optbench.report.bridges import toll_of
from optbench.report.figures.claims import unit
from optbench.report.style import Styles, number
from optbench.report.table import Cell, Column, Row, Table
from optbench.report.terminal import count, interval, plain, ratio, share
from optbench.trials.trial import FINISHED

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
) -> Table:
    """The leaderboard; columns without any value are left out.

    bridges, costs   as `optbench.results.results.Results` has them: who is marked "via torch", and what that takes
    """
    columns = [c for c in COLUMNS if c in board and board[c].notna().any()]
    rows = []
    for name, row in board.iterrows():
        values = {str(k): v for k, v in row.items()}
        toll = toll_of(bridges or {}, str(name), costs)
        rows.append(
            Row(
                [Cell(plain(name)), *(Cell(_cell(c, values), _size(values[c])) for c in columns)],
                styles[str(name)].key if str(name) in styles else "",
                note=f"via {plain(toll.library)}" if toll else "",
                tip=f"The bridge takes {toll}." if toll else "",
            )
        )
    headed = [Column("candidate", "Candidate", number=False), *(Column(c, *COLUMNS[c]) for c in columns)]
    return Table("leaderboard", "Leaderboard", headed, rows, board.reset_index(names="candidate"))


#: column of `optbench.statistics.workload_table`: (heading, explanation)
BY_WORKLOAD = {
    "steps_to_target": ("Steps to target", "Median over fresh seeds, misses infinite, with its 95 % interval"),
    "ratio": ("× best", "That median as a multiple of the workload's best"),
    "seconds_to_target": ("Seconds", "Median calibrated seconds to target"),
    "solved": ("Solved", "Share of the runs on fresh seeds that met the target"),
    "final": ("Final result", "Mean test metric at the end (of a function: its value), with its 95 % interval"),
    "failures": ("Failed", "Runs that diverged, raised, crashed or ran out of time"),
}


def by_workload(table: pd.DataFrame, styles: Styles, order: Sequence[str]) -> Table:
    """A row a workload and candidate, from `workload_table`."""
    place = {name: i for i, name in enumerate(order)}
    if len(table):
        table = table.sort_values("candidate", key=lambda names: names.map(place), kind="stable")
        table = table.sort_values("workload", key=lambda n: n.map(dict(_places(table))), kind="stable")
    columns = [c for c in BY_WORKLOAD if c in table and table[c].notna().any()]
    rows = []
    for record in table.to_dict("records"):
        values = {str(k): v for k, v in record.items()}
        name = str(values["candidate"])
        cells = [Cell(plain(name)), Cell(plain(values["workload"]))]
        cells += [Cell(_measured(c, values), _size(values[c])) for c in columns]
        rows.append(Row(cells, styles[name].key if name in styles else "", str(values["workload"])))
    headed = [
        Column("candidate", "Candidate", number=False),
        Column("workload", "Workload", number=False),
        *(Column(c, *BY_WORKLOAD[c]) for c in columns),
    ]
    return Table("workloads", "Results by workload", headed, rows, table)


def versus(table: pd.DataFrame, styles: Styles, unit: str) -> Table:
    """A row a candidate other than the first, from `Standing.versus`."""
    name = "Ratio" if unit == "ratio" else "Difference"
    columns = [
        Column("candidate", "Candidate", number=False),
        Column("effect", name, "Of the first to this one, with its 95 % interval"),
        Column("probability", "Chance", "That a run of the first beats one of this one, with its 95 % interval"),
        Column("better", "Better on", "Workloads on which the first is better by itself"),
        Column("worse", "Worse on", "Workloads on which it is worse"),
        Column("undecided", "Undecided on", "Workloads that decide nothing by themselves"),
        Column("p_holm", "p (Holm)", "Of the paired test, corrected for all pairs of candidates"),
        Column("verdict", "Verdict", "Whether the first is told apart from this one at 5 %", number=False),
    ]
    rows = []
    for record in table.to_dict("records"):
        row = {str(k): v for k, v in record.items()}
        name = str(row["candidate"])
        cells = [
            Cell(plain(name)),
            Cell(interval(row, "effect", "low", "high"), _size(row["effect"])),
            Cell(interval(row, "probability"), _size(row["probability"])),
            *(Cell(count(row[c]), _size(row[c])) for c in ("better", "worse", "undecided")),
            Cell(number(float(row["p_holm"])), _size(row["p_holm"])),
            Cell(plain(row["verdict"])),
        ]
        rows.append(Row(cells, styles[name].key if name in styles else "", note=plain(row["reason"] or "")))
    return Table("versus", "The first against the others", columns, rows, table)


#: column of `Results.variants`: (heading, explanation)
CARRIED = {
    "steps_to_target": ("Steps to target", "Median over fresh seeds on the variant"),
    "steps_on_base": ("On the base", "The same on the workload that the settings were selected on"),
    "factor": ("Factor", "The first over the second"),
    "ratio": ("× best", "Steps on the variant as a multiple of the best candidate's there"),
    "ratio_on_base": ("× best, base", "The same on the base"),
    "final": ("Final result", "Mean final result on the variant"),
    "rank_change": ("Rank change", "Rank on the variant minus that on the base: above 0, others' carry over better"),
}


def variants(table: pd.DataFrame, styles: Styles) -> Table:
    """A row a held-out variant and candidate, from `Results.variants`."""
    columns = [c for c in CARRIED if c in table and table[c].notna().any()]
    rows = []
    for record in table.to_dict("records"):
        values = {str(k): v for k, v in record.items()}
        name = str(values["candidate"])
        cells = [Cell(plain(name)), Cell(plain(values["workload"]))]
        cells += [Cell(number(float(values[c])), _size(values[c])) for c in columns]
        cells.append(Cell("yes" if values["qualified"] else "no"))
        rows.append(Row(cells, styles[name].key if name in styles else "", str(values["workload"])))
    headed = [
        Column("candidate", "Candidate", number=False),
        Column("workload", "Variant", number=False),
        *(Column(c, *CARRIED[c]) for c in columns),
        Column("qualified", "Within 4 ×", "Whether the time is within 4 times the best one's there", number=False),
    ]
    return Table("variants", "Held-out variants", headed, rows, table)


def _places(table: pd.DataFrame) -> Iterable[tuple[str, int]]:
    return ((name, i) for i, name in enumerate(dict.fromkeys(table["workload"])))


def _measured(column: str, row: dict[str, Any]) -> str:
    value = row[column]
    if value is None or pd.isna(value):
        return "–"
    if column == "solved":
        return share(value)
    if column == "failures":
        return count(value)
    if column == "steps_to_target" and math.isinf(value):
        return "missed"
    ends = {"steps_to_target": "steps", "final": "final"}.get(column)
    text = number(float(value))
    if ends and pd.notna(row.get(f"{ends}_low")) and pd.notna(row.get(f"{ends}_high")):
        text += f" [{number(float(row[f'{ends}_low']))}, {number(float(row[f'{ends}_high']))}]"
    return text


def _size(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float, np.number)) else None


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


CLAIM_COLUMNS = (
    Column("statement", "Claim", number=False),
    Column("verdict", "Verdict", number=False),
    Column("effect", "Effect, 95 % interval"),
    Column("seeds", "Seeds"),
    Column("metric", "Measured by", number=False),
    Column("source", "Source", number=False),
)


def claims(rows: pd.DataFrame, name: str = "claims", title: str = "Claims") -> Table:
    """A row a claim; behind its verdict the reason."""
    shown = []
    for record in rows.to_dict("records"):
        row = {str(k): v for k, v in record.items()}
        values = [number(float(row[c])) for c in ("effect", "low", "high")]
        compared = f"{plain(row.get('better', ''))} with {plain(row.get('worse', ''))}"
        metric = frames.words(plain(row.get("metric", "")))
        reason = "" if pd.isna(row.get("reason")) else plain(row.get("reason", ""))
        cells = [
            Cell(plain(row["statement"])),
            Cell(plain(row["verdict"])),
            Cell(f"{values[0]} [{values[1]}, {values[2]}]{unit(row)}", _size(row["effect"])),
            Cell(count(row.get("seeds")), _size(row.get("seeds"))),
            Cell(f"{metric} of {compared}, on {plain(row.get('workload', ''))}"),
            Cell("" if pd.isna(row.get("source")) else plain(row.get("source", ""))),
        ]
        shown.append(Row(cells, note=reason))
    return Table(name, title, list(CLAIM_COLUMNS), shown, rows, swatches=False)


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
    if trials == 0 or tuning.get("method") == "none":
        free = " (ruleset tuning-free)" if suite.get("ruleset") == "tuning-free" else ""
        tuned = f"No candidate was tuned{free}: each ran with its default settings, on {seeds}."
    ratios = (
        f" Ratios are to the baseline, {plain(baseline)}: geometric means over the workloads that both solved."
        if baseline
        else ""
    )
    return [
        f"{tuned} The test split was read once, at the end of each of them.",
        "Seeds are paired: with the same seed, all candidates start from the same weights and see the same "
        "mini-batches. Intervals are 95 % over seeds, the workloads taken as given: of scores, a bootstrap that "
        "allows for ties; of the IQM, Tukey and McLaughlin's; of ratios and claims, Student's on paired differences. "
        "Where data cannot decide, the word is undecided.",
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
