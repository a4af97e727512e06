"""Beyond speed: what is lost on new data, how settings carry over."""

from functools import partial

import pandas as pd

from optbench.report import figures, frames
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.tables.variants import variants


def quality_sections(about: Context) -> list[Section]:
    """The gap between training and test; held-out variants."""
    return [*_gap(about), *_variants(about)]


def _gap(about: Context) -> list[Section]:
    if not frames.has_values(about.finals, "generalization_gap"):
        return []
    return [
        Section(
            "generalization",
            "Generalization gap",
            "Training minus test result at the end (for losses: test minus training), a dot a fresh seed. At 0 "
            "nothing is lost on new data.",
            [
                Picture(
                    "generalization-gap",
                    "Gap between training and test results by candidate, a panel a workload.",
                    "",
                    partial(figures.generalization_gap, about.trials, **about.drawn),
                )
            ],
            group="Statistics",
            gist="training minus test",
        )
    ]


def _variants(about: Context) -> list[Section]:
    """How the settings that were selected on a workload do on its held-out variants."""
    read = getattr(about.results, "variants", None)
    table: pd.DataFrame = read() if read is not None else pd.DataFrame()
    if not len(table):
        return []
    lost = table[~table["qualified"].astype(bool)]["candidate"].nunique()
    return [
        Section(
            "variants",
            "Held-out variants",
            "Tuning never saw these workloads: each candidate ran on them with the settings that were selected on the "
            "base. Who is not within 4 times the best one there counts as having missed the base's target (as in "
            "AlgoPerf, Dahl et al. 2023).",
            [
                Picture(
                    "variants",
                    "Heat map of candidates and held-out variants: steps to target over the variant's best.",
                    "",
                    partial(figures.heat_map, held_out(about.trials), order=about.order, styles=about.styles),
                )
            ],
            tables=[variants(table)],
            kind="legend",
            group="Tuning",
            gist=f"{lost} of {table['candidate'].nunique()} candidates do not carry over" if lost else "all carry over",
        )
    ]


def held_out(trials: pd.DataFrame) -> pd.DataFrame:
    """The runs on held-out variants, as if these were workloads like any other."""
    return trials[trials["variant_of"].notna()].assign(variant_of=None)
