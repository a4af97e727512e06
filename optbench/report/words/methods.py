"""How things were measured, in sentences with the suite's own numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from optbench.language import gettext as _
from optbench.language import together
from optbench.report.words.numbers import plain
from optbench.statistics.scope import scope


def comparison_methods(suite: Mapping[str, Any], baseline: str | None = None) -> list[str]:
    """How candidates were tuned, run and compared."""
    tuning = suite.get("tuning") or {}
    trials = tuning.get("trials")
    budget = f" of {trials} trials" if trials else ""
    method = f" ({plain(tuning['method'])} search)" if tuning.get("method") else ""
    seeds = f"{suite['seeds']} fresh seeds" if suite.get("seeds") else "fresh seeds"
    tuned = (
        f"Every candidate was tuned on every workload with the same budget{budget}{method}, seeing training and "
        f"validation data only. {_selected(tuning)} was then run on {seeds}; only these runs are reported."
    )
    if trials == 0 or tuning.get("method") == "none":
        free = " (ruleset tuning-free)" if suite.get("ruleset") == "tuning-free" else ""
        tuned = f"No candidate was tuned{free}: each ran with its default settings, on {seeds}."
    ratios = (
        f" Ratios are to the baseline, {plain(baseline)}: geometric means over the workloads that both ran on, a miss "
        "counting as one step beyond the budget."
        if baseline
        else ""
    )
    return [
        f"{tuned} The test split was read once, at the end of each of them.",
        "Seeds are paired: with the same seed, all candidates start from the same weights and see the same "
        "mini-batches. Intervals are 95 % over seeds, the workloads taken as given: of scores, a bootstrap that "
        "allows for ties; of the IQM, Tukey and McLaughlin's; of ratios and claims, Student's on paired differences. "
        "Where data cannot decide, the word is undecided.",
        *_scope(suite),
        "Time to target is when the curve crosses it, a line between evaluations (of a loss in its logarithm); of "
        "several targets the geometric mean; a miss is infinite. Seconds are calibrated: "
        "the cost of a step was timed after the trials, one candidate at a time on one thread, and multiplied by "
        f"the steps.{ratios}",
        *_evaluated(suite),
        "The score is the area under the performance profile (Dolan and Moré 2002) up to 4 times the best; "
        "IQM is the interquartile mean of normalized results (Agarwal et al. 2021).",
        *_held_out(suite),
    ]


def _selected(tuning: Mapping[str, Any]) -> str:
    few, further = tuning.get("finalists") or 1, tuning.get("confirm") or 0
    if few < 2 or not further:
        return "The setting that did best in its trial"
    again = f"{further} further seed{'s' if further > 1 else ''}, the same for all candidates"
    few_again = f"The best {few} settings were trained again, within that budget, on {again}"
    return f"{few_again}. The best of them over all its seeds"


def _evaluated(suite: Mapping[str, Any]) -> list[str]:
    """What an evaluation read, where networks were trained and the suite says so."""
    workloads = [w for w in suite.get("workloads", []) if w.get("evaluate_examples")]
    if not workloads:
        return []
    most = _range([w["evaluate_examples"] for w in workloads])
    every = _range([w["validate_every"] for w in workloads if (w.get("validate_every") or 1) > 1])
    seldom = (
        f" Where targets are on the training split, the validation split was read at one in {every} evaluations, and "
        "at the first and the last."
        if every
        else ""
    )
    return [
        f"Training loss and metric are those of {most} training examples, or all where there are fewer: a sample with "
        f"the classes in their proportion, the same for all runs of a workload.{seldom}"
    ]


def _range(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    low, high = min(numbers), max(numbers)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _scope(suite: Mapping[str, Any]) -> list[str]:
    """What the words are about, where the suite says how it was tuned."""
    found = scope(suite)
    if not suite.get("tuning") or found.kind == "defaults":
        return []
    if found.kind == "method":
        return [f"What is said is about {found.words}: pairs are studies, each the mean over its seeds."]
    return [
        f"What is said is about {found.words}: another study would select others, and intervals over seeds do not know "
        "of that. With several studies they do."
    ]


def _held_out(suite: Mapping[str, Any]) -> list[str]:
    tables = [w for w in suite.get("workloads", []) if w.get("variant_of") and not w.get("sealed")]
    variants = [plain(w["name"]) for w in tables]
    if not variants:
        return []
    return [
        f"Held out from tuning: {', '.join(variants)}. There candidates ran with the settings selected on the base. "
        "They are no workloads of the score, but who is not within 4 times the best on one has an infinite time on its "
        "base (as in AlgoPerf, Dahl et al. 2023)."
    ]


def lesson_methods(suite: Mapping[str, Any]) -> list[str]:
    """How the claims of a lesson were measured."""
    trials = (suite.get("tuning") or {}).get("trials")
    alike = (
        _(
            "Candidates run where a claim compares them. Where a rate would decide, both sides are tuned on the same "
            "budget of {trials} trials, seeing training and validation data only; elsewhere settings are fixed "
            "beforehand, as the suite says."
        )
        if trials
        else _(
            "Candidates run where a claim compares them. Where a rate would decide, both sides are tuned on the same "
            "budget, seeing training and validation data only; elsewhere settings are fixed beforehand, as the suite "
            "says."
        )
    )
    reported = (
        _("What is reported are runs on {seeds} fresh seeds. The test split was read once, at the end of each of them.")
        if suite.get("seeds")
        else _("What is reported are runs on fresh seeds. The test split was read once, at the end of each of them.")
    )
    return [
        together([alike.format(trials=trials), reported.format(seeds=suite.get("seeds"))]),
        _(
            "Seeds are paired: with the same seed, all candidates start from the same weights and see the same "
            "mini-batches. An effect is the mean paired difference, positive as claimed, with Student's 95 % interval. "
            "Supported: the interval lies above 0 (or the claim's margin), and a sign-flip test agrees. Refuted: it "
            "does not reach above. Undecided: anything else. A claim of equality is supported where the interval lies "
            "within its margin."
        ),
        _(
            "Steps to target are counted to where the curve crosses it; a miss counts as one step beyond the budget. A "
            "run that diverged counts as the worst."
        ),
    ]
