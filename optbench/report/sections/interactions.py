"""Crossed components: what each does, and whether it depends on the others."""

from functools import partial
from itertools import combinations

from optbench.report import figures
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.tables.interactions import interaction_table
from optbench.report.words.interactions import interaction_sentences
from optbench.report.words.numbers import plain
from optbench.statistics.interactions import Design, designs, interactions, levels_table, solved
from optbench.statistics.numerals import listing
from optbench.statistics.pairs import seed_pairs

#: pairs of factors of a design whose plots are drawn: ten of five factors
MOST = 10


def interaction_sections(about: Context) -> list[Section]:
    """A section a design; nothing without one."""
    suite = about.results.suite
    if not suite.get("designs") or not len(about.finals):
        return []
    effects = interactions(suite, about.trials, level=about.level)
    ran = [str(name) for name in about.finals["candidate"].unique()]
    sections = []
    for number, design in enumerate(designs(suite, ran)):
        rows = effects[effects["design"] == design.name]
        if not len(rows):
            continue
        slug = "interactions" if number == 0 else f"interactions-{number + 1}"
        pictures = []
        for one, (within, factor) in enumerate(list(combinations(design.factors, 2))[:MOST]):
            tables = {
                metric: levels_table(suite, about.trials, metric, design.name, factor, within)
                for metric in ("steps", "final")
            }
            pictures.append(
                Picture(
                    f"{slug}-{one + 1}",
                    f"Interaction of {factor} and {within}: a line a level of {within}.",
                    f"{factor.capitalize()} by {within}. Parallel lines: {factor} does the same to each {within}. "
                    "Means over workloads and other factors, with 95 % intervals over seeds; what the runs of a seed "
                    "share is taken out.",
                    partial(figures.interaction_plot, tables, factor, within),
                )
            )
        left = listing(left_out(about, design))
        told = interaction_sentences(effects, suite, design.name)
        apart = int(rows["verdict"].isin(["helps more", "helps less"]).sum())
        asked = int((rows["kind"] == "interaction").sum())
        shape = " x ".join(str(len(levels)) for levels in design.factors.values())
        whole = all(not text for text in rows["aliased"])
        sections.append(
            Section(
                slug,
                f"Interactions: {plain(design.name)}",
                f"{shape} levels of {', '.join(design.factors)} in {len(design.cells)} candidates"
                f"{'' if whole else ', a fraction'}. The effect of a component may depend on another one: "
                "an interaction is the difference of its effects, of times a ratio of ratios.",
                pictures,
                tables=[interaction_table(rows, slug, f"Effects of {plain(design.name)}")],
                paragraphs=[plain(text) for text in told],
                notes=[f"Times are not compared on {left}: a cell missed the target in most runs."] if left else [],
                group="Result",
                open=True,
                gist=f"{apart} of {asked} interactions told",
            )
        )
    return sections


def left_out(about: Context, design: Design) -> list[str]:
    """The workloads with a target on which the design's times are not compared."""
    pairs = seed_pairs(about.trials, "steps")
    compared = solved(pairs, design).workloads
    return [plain(name) for name in pairs.workloads if name not in compared]
