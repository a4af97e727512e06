"""What a lesson draws follows from its claims and workloads: topics of anyone's suite are drawn by the same rules."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from optbench.lab.frameworks.same import FRAMEWORKS
from optbench.language import N_
from optbench.language import gettext as _
from optbench.report import figures, frames
from optbench.report.parts import Picture
from optbench.report.pictures.panels import nothing
from optbench.report.sections.layers import layer_pictures
from optbench.report.sections.speed import dotted

#: figures that explain a topic without data, by what a suite calls them: the names of `suite.topic.ILLUSTRATIONS`
ILLUSTRATIONS: dict[str, tuple[Callable[[], Figure], str, str]] = {
    "activation-spread": (
        figures.activation_spread,
        N_(
            "Histograms of the activations of ten layers, for first weights that are zero, small, Glorot's, "
            "He's and large, with tanh and with ReLU."
        ),
        N_(
            "100 digits through ten layers of 64 units with their first weights, a ridge a layer; heights are"
            " roots of shares. Small weights leave nothing, large ones saturate tanh and explode behind ReLU."
            " Glorot's suit tanh; He's keep the signal behind ReLU, where about half are 0."
        ),
    ),
    "averages": (
        figures.averages,
        N_(
            "Exponentially weighted averages of one noisy series for three betas: over all of it, and over "
            "its first thirty values with and without bias correction."
        ),
        N_(
            "A made-up series of temperatures. A longer window is smoother and later. Without correction an "
            "average begins near 0, and is too small the longer, the longer its window is."
        ),
    ),
    "batch-paths": (
        figures.batch_paths,
        N_(
            "Paths of descent by all 64 examples, by 8 and by 1 at a time, over the contours of the same "
            "cost."
        ),
        N_(
            "Linear regression with two weights: the same 64 made-up examples, rate 0.1 and 10 epochs. The "
            "star is the minimum, the plain dot the start. More steps an epoch come closer, and then wander."
        ),
    ),
    "frameworks": (
        figures.frameworks,
        N_(
            "The cost of each step of one training by several frameworks, and its difference from NumPy's, which is "
            "in the last digits."
        ),
        N_(
            "A 64-32-10 network on 1,024 digits, 160 steps of momentum on mini-batches of 64, in float64: the same "
            "first weights and the same batches. Differences are shares of the cost; their sums are rounded in "
            "another order."
        ),
    ),
    "input-scales": (
        figures.input_scales,
        N_(
            "Contours of the cost of a linear regression and the path of descent, with features as they are "
            "and standardized."
        ),
        N_(
            "100 made-up examples of two features, the second five times as wide. Each path starts equally "
            "far from the minimum, takes the best constant rate of its surface, and ends at a hundredth of "
            "the distance."
        ),
    ),
    "search-samples": (
        figures.search_samples,
        N_(
            "Nine points on a grid and nine random ones in the square of two hyperparameters, and the values "
            "of the important one that each tries, on the curve of the result."
        ),
        N_(
            "After Bergstra and Bengio 2012, figure 1; the curve is a formula, the random points are one "
            "draw. Another draw may do worse: the number of values is what it always gains."
        ),
    ),
    "symmetric-units": (
        figures.symmetric_units,
        N_(
            "A network of two inputs, four hidden units and one output before and after training, from zero "
            "and from random weights: from zero its units stay equal."
        ),
        N_(
            "100 examples of two moons, all in each step of Adam, sigmoid units; biases are not drawn. Four "
            "equal units do what one can do. With tanh or ReLU, which are 0 at 0, no zero weight would move "
            "at all."
        ),
    ),
}


#: candidates whose curves can still be told apart in one panel; of more each has its own
TOGETHER = 6


def illustrations(topic: Mapping[str, Any], slug: str) -> list[Picture]:
    # "illustration": of a suite that was stored when a topic had one
    names = topic.get("illustrations") or (topic.get("illustration"),)
    drawn = [(name, ILLUSTRATIONS[name]) for name in names if name in ILLUSTRATIONS]
    return [Picture(f"{slug}-{name}", _(text), _(caption), draw) for name, (draw, text, caption) in drawn]


def programs(topic: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(framework, its program) beside the illustration of frameworks."""
    return [(f.title, f.program) for f in FRAMEWORKS] if "frameworks" in (topic.get("illustrations") or ()) else []


def contours(
    works: Sequence[Mapping[str, Any]], finals: pd.DataFrame, results: Any, slug: str, drawn: dict[str, Any]
) -> list[Picture]:
    """The paths of the first seed over the contours, for each function of two variables."""
    pictures = []
    for number, work in enumerate(works):
        if work.get("function") is None:
            continue
        rows = finals[finals["workload"].isin([work["name"], work.get("title")])]
        if not len(rows):
            continue
        rows = rows[(rows["seed"] == rows["seed"].min()) & (rows["study"] == rows["study"].min())]
        paths = {
            c: results.arrays(k).get("path") for c, k in zip(rows["candidate"], rows["key"], strict=True)
        }
        paths = {c: p for c, p in paths.items() if p is not None and p.shape[1:] == (2,)}
        if paths:
            ordered = {c: paths[c] for c in drawn["order"] if c in paths}
            title = work.get("title") or work["name"]
            pictures.append(
                Picture(
                    f"{slug}-paths-{number + 1}",
                    _(
                        "{title}: the path of each candidate over the contours, a panel each, from its start to its "
                        "end."
                    ).format(title=title),
                    _(
                        "Paths with the first seed, on the same contours, with the step as colour; colours change by "
                        "the root of the step, since what moves far moves early."
                    ),
                    partial(_paths, work["function"], ordered, drawn["styles"], title),
                )
            )
    return pictures


def _paths(settings: Mapping[str, Any], paths: Mapping[str, np.ndarray], styles: Any, title: str) -> Figure:
    from optbench.registry.registry import registry

    function = registry().create("functions", settings)
    if len(function.window) != 2:
        return nothing(_("This function has no window to draw."))
    return figures.contour_paths(function, paths, styles, title)


def curves(
    shown: pd.DataFrame, finals: pd.DataFrame, metrics: Mapping[str, str], slug: str, drawn: dict[str, Any]
) -> list[Picture]:
    if not len(shown):
        return []
    final = shown[shown["phase"] == "final"]
    counts = final.groupby("workload", sort=False)["candidate"].nunique()
    crowded = [str(w) for w in counts.index[counts > TOGETHER]]
    few = shown[~shown["workload"].isin(crowded)]
    pictures = []
    if len(few):
        pictures.append(
            Picture(
                f"{slug}-curves",
                _("Learning curves, a panel a workload."),
                _("Median over fresh seeds, with a band from quartile to quartile.")
                + dotted(figures.targets_drawn(few, finals, metrics)),
                partial(figures.learning_curves, few, finals, metrics, **drawn),
            )
        )
    for number, workload in enumerate(crowded):
        here, ran = (frame[frame["workload"] == workload] for frame in (shown, finals))
        pictures.append(
            Picture(
                f"{slug}-curves-apart{f'-{number + 1}' if number else ''}",
                _("{workload}: learning curves, a panel a candidate.").format(workload=workload),
                _(
                    "{workload}: median over fresh seeds, with a band from quartile to quartile; in grey the medians "
                    "of all others."
                ).format(workload=workload)
                + dotted(figures.targets_drawn(here, ran, metrics)),
                partial(figures.curves_apart, here, ran, metrics.get(workload), **drawn),
            )
        )
    return pictures


def measured(about: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """{workload: what its curves should show}: the metric that a claim about its end compares."""
    found: dict[str, str] = {}
    for claim in about:
        metric = claim["metric"]
        if metric.startswith(("final_train_", "final_validation_")):
            for workload in claim["workloads"]:
                found.setdefault(workload, metric.removeprefix("final_"))
    return found


def shown_metrics(
    about: Sequence[Mapping[str, Any]], finals: pd.DataFrame, places: Mapping[str, str]
) -> dict[str, str]:
    """{workload's title: metric} where neither its target says what to show nor the default has a word for it."""
    found = {places[w]: metric for w, metric in measured(about).items() if w in places}
    for workload, rows in finals.groupby("workload") if len(finals) else ():
        kind = str(rows["metric"].iloc[0])
        if kind in ("accuracy", "r2", "score") and frames.target_of(rows, str(workload)) is None:
            found.setdefault(str(workload), f"validation_{kind}")
    return found


def strips(
    about: Sequence[Mapping[str, Any]], finals: pd.DataFrame, slug: str, drawn: dict[str, Any]
) -> list[Picture]:
    metrics = {c["metric"] for c in about}
    pictures = []
    if "generalization_gap" in metrics and frames.has_values(finals, "generalization_gap"):
        pictures.append(
            Picture(
                f"{slug}-gap",
                _("Gap between training and test results by candidate, a panel a workload."),
                _("Training minus test accuracy at the end, a dot a seed, and a line at their median."),
                partial(figures.generalization_gap, finals, **drawn),
            )
        )
    if any(m.endswith("_to_target") for m in metrics) and frames.has_values(finals, "steps_to_target"):
        pictures.append(
            Picture(
                f"{slug}-steps",
                _("Steps to target by candidate, a panel a workload."),
                _(
                    "Steps until the target is first met, a dot a seed, and a line at their median. Misses stand at "
                    "the right."
                )
                if np.isinf(finals["steps_to_target"]).any()
                else _("Steps until the target is first met, a dot a seed, and a line at their median."),
                partial(figures.target_times, finals, **drawn),
            )
        )
    return pictures


def layers(
    works: Sequence[Mapping[str, Any]], finals: pd.DataFrame, results: Any, slug: str, drawn: dict[str, Any]
) -> list[Picture]:
    """Where a workload recorded per-layer statistics."""
    return [
        picture
        for work in works
        if work.get("diagnostics")
        for rows in [finals[finals["workload"].isin([work["name"], work.get("title")])]]
        for picture in layer_pictures(f"{slug}-layers", work, rows, results, drawn)
    ]
