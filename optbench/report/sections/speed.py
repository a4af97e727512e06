"""How fast: learning curves, the profile, targets over budgets, time to target in three units."""

from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from optbench.language import gettext as _
from optbench.report import figures, frames
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.statistics.numerals import listing

Budget = Literal["steps", "gradients", "seconds"]


def speed_sections(about: Context) -> list[Section]:
    """What the runs on fresh seeds show; nothing without them."""
    if not len(about.finals):
        return []
    return [_curves(about), *_profile(about), *_shares(about), _times(about)]


def _curves(about: Context) -> Section:
    draw = partial(figures.learning_curves, about.curves, about.trials)
    finals = about.curves[about.curves["phase"] == "final"] if len(about.curves) else about.curves
    shown = {frames.shown_metric(about.finals, finals, workload) for workload in frames.names(finals, "workload")}
    loss = "Training loss, penalties not included."
    return Section(
        "curves",
        "Learning curves",
        "Median over fresh seeds, with a band from quartile to quartile. A cross marks where a run failed, and from "
        "there on it counts as the worst.",
        [
            Picture(
                "learning-curves",
                "Learning curves: the target's metric against steps, a panel a workload.",
                (loss if shown == {"train_loss"} else "The metric of each workload's target, on validation data.")
                + dotted(figures.targets_drawn(about.curves, about.trials)),
                partial(draw, None, **about.lines),
            ),
            Picture(
                "training-loss",
                "Training loss against steps, a panel a workload.",
                loss + dotted(figures.targets_drawn(about.curves, about.trials, "train_loss")),
                partial(draw, "train_loss", **about.lines),
            ),
        ][: 1 if shown == {"train_loss"} else 2],  # where it is the target's metric, one picture shows both
        group="Speed",
        open=True,
        gist="medians and quartiles over seeds",
    )


def dotted(targets: tuple[int, int]) -> str:
    """The sentence on the line of the target, for learning curves where `figures.targets_drawn` counted so many."""
    drawn, panels = targets
    if not drawn:
        return ""
    if drawn == panels:
        return _(" The dotted line is the target.")
    return _(" A dotted line is the target, where there is one.")


def _profile(about: Context) -> list[Section]:
    from optbench.statistics.profiles import R_MAX

    if not about.scored.size:
        return []
    return [
        Section(
            "profile",
            "Performance profile",
            "The share of workloads on which a candidate meets the target within τ times the quickest one's steps "
            "(Dolan and Moré 2002). Far left: how often it is the quickest; far right: how often it arrives within "
            f"{R_MAX:g} times. The score is the area under its curve.",
            [
                Picture(
                    "profile",
                    "Performance profiles: share of workloads against the ratio to the quickest candidate.",
                    "",
                    partial(figures.performance_profile, about.scored, R_MAX, **about.lines),
                )
            ],
            group="Speed",
            gist="how often the quickest, how often near it",
        )
    ]


def _shares(about: Context) -> list[Section]:
    if not len(about.curves):
        return []
    budgets: list[tuple[Budget, str, str]] = [("steps", "target-ecdf", "steps")]
    if differs(about.finals):
        budgets.append(("gradients", "target-ecdf-gradients", "gradient evaluations"))
    if frames.has_values(about.finals, "seconds_per_step"):
        budgets.append(("seconds", "target-ecdf-seconds", "calibrated seconds"))
    return [
        Section(
            "targets",
            "Many targets: ECDF",
            "One target can favour a candidate by chance. Here are 51 of each workload, evenly spaced from its first "
            "value to the best that any run reached: the share of them that a candidate's runs met within a budget "
            "(COCO's runtime profile).",
            [
                Picture(
                    name,
                    f"Share of targets reached against {text}.",
                    f"By {text}; all workloads pooled, each with the same weight.",
                    partial(_target_shares, about, by),
                )
                for by, name, text in budgets
            ],
            group="Speed",
            gist="not one target, but 51 a workload",
        )
    ]


def _target_shares(about: Context, by: Budget) -> Figure:
    return figures.target_shares(about.target_shares(by), by, **about.lines)


def _times(about: Context) -> Section:
    units = [("steps_to_target", "steps to target", "time-to-target", "Steps until the target is first met.")]
    if differs(about.finals):
        units.append(
            (
                "gradients_to_target",
                "gradient evaluations to target",
                "gradients-to-target",
                "Gradient evaluations: a candidate may need several a step.",
            )
        )
    if frames.has_values(about.finals, "seconds_to_target"):
        units.append(
            (
                "seconds_to_target",
                "calibrated seconds to target",
                "seconds-to-target",
                "Steps times the cost of a step, which was timed serially on one thread after the trials.",
            )
        )
    return Section(
        "time-to-target",
        "Time to target",
        "Time until the target is first met, a dot a fresh seed, a tick at the median. Misses stand at the "
        "right: how many of how many seeds.",
        [
            Picture(
                name,
                f"{text.capitalize()} by candidate, a panel a workload.",
                caption,
                partial(figures.target_times, about.trials, value, text=text, **about.drawn),
            )
            for value, text, name, caption in units
        ],
        group="Speed",
        gist=f"in {listing([text.removesuffix(' to target') for _, text, _, _ in units])}",
    )


def differs(finals: pd.DataFrame) -> bool:
    """Whether anybody takes more or fewer gradients than steps."""
    if not frames.has_values(finals, "gradients_to_target"):
        return False
    steps, gradients = finals["steps_to_target"], finals["gradients_to_target"]
    return bool((steps != gradients)[np.isfinite(steps)].any())
