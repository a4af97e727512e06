"""Beyond speed: what is lost on new data, how settings carry over."""

from collections.abc import Collection
from functools import partial

import pandas as pd

from optbench.report import figures, frames
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.tables.sealed import sealed, sealed_each
from optbench.report.tables.variants import variants
from optbench.report.words.numbers import plain
from optbench.report.words.sealed import sealed_sentences
from optbench.statistics.numerals import listing


def quality_sections(about: Context) -> list[Section]:
    """The gap between training and test; held-out and sealed variants."""
    return [*_gap(about), *_variants(about), *_sealed(about)]


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
    there = held_out(about.trials, set(table["workload"]))
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
                    partial(figures.heat_map, there, order=about.order, styles=about.styles),
                )
            ],
            tables=[variants(table)],
            kind="legend",
            group="Tuning",
            gist=f"{lost} of {table['candidate'].nunique()} candidates do not carry over" if lost else "all carry over",
        )
    ]


def _sealed(about: Context) -> list[Section]:
    """Whether leads carry over to variants that nobody can have tuned to."""
    said = getattr(about.results, "sealing", None)
    if not said:
        return []
    table = about.results.sealed()
    carried = int((table["word"] == "carries over").sum())
    leads = int((table["word"] != "no lead").sum())
    words = {one["workload"]: one["words"] for one in said["variants"]}
    names = listing([*said["candidates"]])
    return [
        Section(
            "sealed",
            "Sealed variants",
            f"Drawn from the fingerprint of {plain(names)} ({said['fingerprint']}): its code and settings, so that "
            "nobody can have tuned to them. Whoever trained there has the settings that were selected on the base. "
            "Times on the variants are to a ladder of these runs themselves. Nobody is disqualified by them.",
            tables=[sealed(table), sealed_each(about.results.sealed_each(), words)],
            notes=sealed_sentences(about.results),
            group="Tuning",
            gist=f"{carried} of {leads} leads carry over" if leads else "no lead that could carry over",
        )
    ]


def held_out(trials: pd.DataFrame, variants: Collection[str]) -> pd.DataFrame:
    """The runs on these held-out variants, as if they were workloads like any other."""
    return trials[trials["workload"].isin(list(variants))].assign(variant_of=None)
