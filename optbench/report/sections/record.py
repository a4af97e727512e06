"""How the runs ended, and how everything was measured."""

from functools import partial

from optbench.lab.invariances import STEPS
from optbench.language import gettext as _
from optbench.report import figures
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.tables.environment import environment_tables, flat
from optbench.report.tables.failures import grouped
from optbench.report.tables.invariances import found_of, invariance_table, looked_at, sentences
from optbench.report.tables.setting import setting
from optbench.report.tables.telling import answers, least
from optbench.report.topics import only_lesson
from optbench.report.words.methods import comparison_methods, lesson_methods
from optbench.report.words.toml import as_toml
from optbench.report.words.until import counted, needed_lines, until_sentences
from optbench.statistics.numerals import listing


def record_sections(about: Context) -> list[Section]:
    """Outcomes, methods, environment, plugins, the suite."""
    results, trials = about.results, about.trials
    # one bar each says nothing of ninety candidates
    picture = len(trials) > 0 and not only_lesson(results.suite)
    failures = grouped(trials)
    total = failures["total"]
    return [
        Section(
            "outcomes",
            _("Outcomes and failures"),
            _(
                "How all trials ended. None is dropped: a run that diverged, failed or ran out of time counts in every "
                "score."
            ),
            [
                Picture(
                    "outcomes",
                    "Numbers of trials by outcome, a bar a candidate.",
                    "",
                    partial(figures.outcome_counts, trials, about.order, about.styles),
                )
            ]
            if picture
            else [],
            kind="failures",
            rows=failures,
            group="Record",
            gist=_("{count} of {all} trials without a result").format(count=f"{total:,}", all=f"{len(trials):,}")
            if total
            else _("every trial has a result"),
        ),
        *told(about),
        *workloads(about),
        *invariant(about),
        *how_sections(about),
    ]


def how_sections(about: Context) -> list[Section]:
    """Methods, environment, plugins, the suite."""
    results = about.results
    problems = [str(p) for p in results.problems]
    return [
        Section(
            "methods",
            _("How this was measured"),
            kind="methods",
            rows=lesson_methods(results.suite)
            if only_lesson(results.suite)
            else comparison_methods(results.suite, about.baseline),
            group="Record",
            gist=_("tuning, seeds, scores and intervals"),
        ),
        Section(
            "environment",
            _("Environment"),
            kind="environment",
            rows=flat(results.environment),
            tables=environment_tables(results),
            group="Record",
            gist=_("machine, versions, commit"),
        ),
        Section(
            "plugins",
            _("Plugin problems"),
            kind="problems",
            rows=problems,
            group="Record",
            gist=_("{count} told").format(count=len(problems)) if problems else _("none"),
        ),
        Section(
            "suite",
            _("The suite as run"),
            kind="suite",
            rows=as_toml(getattr(results, "recorded", results.suite)),
            group="Record",
            gist=_("every default filled in"),
        ),
    ]


def told(about: Context) -> list[Section]:
    """What the run could tell, and what it answered while seeds were added."""
    outlook = getattr(about.results, "outlook", None)
    if outlook is None or only_lesson(about.results.suite):
        return []
    found = outlook().table
    if not len(found):
        return []
    rounds = until_sentences(about.results)
    return [
        Section(
            "told",
            "What this run could tell",
            "The least difference that a run with these seeds and this noise finds with 80 % power, for each workload "
            "by itself and for all together, corrected for the number of comparisons"
            f"{' and of looks' if rounds else ''}.",
            paragraphs=[*rounds, *needed_lines(about.results)],
            tables=[*([answers(about.results.answers())] if rounds else []), least(found)],
            group="Record",
            gist=f"after {counted(int(found['seeds'].max()), 'seed')}",
        )
    ]


def workloads(about: Context) -> list[Section]:
    """What each workload is; a lesson says it beside its claims."""
    if only_lesson(about.results.suite) or not about.results.suite.get("workloads"):
        return []
    table = setting(about.results.suite)
    families = {row for row in table.source["family"] if row}
    gist = counted(len(table.rows), "workload") + (f" of {len(families)} families" if len(families) > 1 else "")
    return [Section("setting", "The workloads", tables=[table], group="Record", gist=gist)]


def invariant(about: Context) -> list[Section]:
    """What changes an optimizer's path and should not, of the components at hand."""
    suite = about.results.suite
    if only_lesson(suite):
        return []
    costs = getattr(about.results, "costs", None)
    asked = looked_at(suite.get("candidates", ()), suite.get("focus") or (), about.baseline, about.trials, costs)
    found = found_of(asked)
    if not found:
        return []
    told = sentences(found)
    others = [name for name in about.order if name not in found]
    wrong = [name for name, (_, cases) in found.items() if any(case.word == "changes" for case in cases)]
    return [
        Section(
            "invariances",
            "Invariances",
            "Units may change places, tensors their names and order, and the network is the same: an optimizer should "
            f"train it as before. Each was given a small network of gated units anew in other coordinates, for {STEPS} "
            "steps at the suite's settings, else its defaults; a number is how far off it came, as a share of the way.",
            paragraphs=told or ["None of these changes the path of any."],
            tables=[invariance_table(found)],
            notes=[f"Not looked at here: {listing(others)}; `optbench check NAME` does."] if others else [],
            group="Record",
            gist=f"{listing(wrong)}: not all hold" if wrong else f"all hold{', with exceptions' if told else ''}",
        )
    ]
