"""How the runs ended, and how everything was measured."""

from functools import partial

from optbench.report import figures
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.tables.environment import environment_tables, flat
from optbench.report.tables.failures import grouped
from optbench.report.tables.setting import setting
from optbench.report.tables.telling import answers, least
from optbench.report.topics import only_lesson
from optbench.report.words.methods import comparison_methods, lesson_methods
from optbench.report.words.toml import as_toml
from optbench.report.words.until import counted, needed_lines, until_sentences


def record_sections(about: Context) -> list[Section]:
    """Outcomes, methods, environment, plugins, the suite."""
    results, trials = about.results, about.trials
    # one bar each says nothing of ninety candidates
    picture = len(trials) > 0 and not only_lesson(results.suite)
    failures = grouped(trials)
    problems = [str(p) for p in results.problems]
    total = failures["total"]
    return [
        Section(
            "outcomes",
            "Outcomes and failures",
            "How all trials ended. None is dropped: a run that diverged, failed or ran out of time counts in every "
            "score.",
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
            gist=f"{total:,} of {len(trials):,} trials without a result" if total else "every trial has a result",
        ),
        *told(about),
        *workloads(about),
        Section(
            "methods",
            "How this was measured",
            kind="methods",
            rows=lesson_methods(results.suite)
            if only_lesson(results.suite)
            else comparison_methods(results.suite, about.baseline),
            group="Record",
            gist="tuning, seeds, scores and intervals",
        ),
        Section(
            "environment",
            "Environment",
            kind="environment",
            rows=flat(results.environment),
            tables=environment_tables(results),
            group="Record",
            gist="machine, versions, commit",
        ),
        Section(
            "plugins",
            "Plugin problems",
            kind="problems",
            rows=problems,
            group="Record",
            gist=f"{len(problems)} told" if problems else "none",
        ),
        Section(
            "suite",
            "The suite as run",
            kind="suite",
            rows=as_toml(results.suite),
            group="Record",
            gist="every default filled in",
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
