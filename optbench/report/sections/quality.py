"""Beyond speed: what is lost on new data, how settings carry over, what happens within the layers."""

from functools import partial
from typing import Any

import pandas as pd

from optbench.report import figures, frames, lesson
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context


def quality_sections(about: Context) -> list[Section]:
    """The gap between training and test; per-layer statistics where they were recorded."""
    return [*_gap(about), *_layers(about)]


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


def _layers(about: Context) -> list[Section]:
    """One section for all workloads that recorded per-layer statistics and are not part of a lesson."""
    pictures: list[Picture] = []
    works: list[dict[str, Any]] = about.results.suite.get("workloads", [])
    for number, work in enumerate(w for w in works if w.get("diagnostics") and not w.get("topic")):
        rows: pd.DataFrame = about.finals[about.finals["workload"] == work["name"]]
        profile = lesson.profile_of(rows, about.results)
        if len(profile):
            pictures.append(
                Picture(
                    f"layers-{number + 1}",
                    "Standard deviation of activations and of gradients in each hidden layer before training.",
                    f"{work.get('title') or work['name']}: with the first weights, on one mini-batch. Median over "
                    "seeds, with a band from quartile to quartile.",
                    partial(figures.layer_profile, profile, **about.drawn),
                )
            )
    if not pictures:
        return []
    return [
        Section(
            "layers",
            "Layer by layer",
            "How activations and gradients fare from layer to layer: kept, vanishing or exploding.",
            pictures,
            group="Statistics",
            gist="activations and gradients by layer",
        )
    ]
