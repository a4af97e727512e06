"""A suite whose claims have explained topics is shown as a lesson: a section a topic, in the suite's order.

Each has the explanation, the formula, what the runs show, and the verdicts. What a section draws follows from its
claims and workloads, so that topics of anyone's suite are drawn by the same rules.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from optbench.report import figures, formula, frames, tables
from optbench.report.parts import Picture, Section
from optbench.report.style import candidate_styles, nothing
from optbench.report.verdicts import told

#: figures that explain a topic without data, by what a suite calls them
ILLUSTRATIONS: dict[str, tuple[Callable[[], Figure], str, str]] = {
    "averages": (
        figures.averages,
        "Exponentially weighted averages of one series for three betas; the first averages with and without "
        "bias correction.",
        "A made-up series of temperatures, with exponentially weighted averages.",
    )
}


def methods(suite: Mapping[str, Any]) -> list[str]:
    """How the claims of a lesson were measured, in sentences with this suite's own numbers."""
    tuning = suite.get("tuning") or {}
    budget = f" of {tuning['trials']} trials" if tuning.get("trials") else ""
    return [
        "Candidates run where a claim compares them. Where a rate would decide, both sides are tuned on the same "
        f"budget{budget}, seeing training and validation data only; elsewhere settings are fixed beforehand, as "
        f"the suite says. What is reported are runs on {suite.get('seeds', 'fresh')} fresh seeds. The test split was "
        "read once, at the end of each of them.",
        "Seeds are paired: with the same seed, all candidates start from the same weights and see the same "
        "mini-batches. An effect is the mean paired difference, positive as claimed, with Student's 95 % interval. "
        "Supported: the interval lies above 0 (or the claim's margin), and a sign-flip test agrees. Refuted: it "
        "does not reach above. Undecided: anything else. A claim of equality is supported where the interval lies "
        "within its margin.",
        "Steps to target are counted to the first evaluation that meets it; a miss counts as one step beyond the "
        "budget. A run that diverged counts as the worst.",
    ]


def lessons(results: Any, curves: pd.DataFrame) -> list[Section]:
    """A section for each topic of the suite."""
    suite, claims = results.suite, results.claims()
    return [_lesson(topic, suite, claims, results, curves) for topic in told(suite)]


def _lesson(
    topic: Mapping[str, Any],
    suite: Mapping[str, Any],
    claims: pd.DataFrame,
    results: Any,
    curves: pd.DataFrame,
) -> Section:
    name = topic["name"]
    slug = "lesson-" + (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "topic")
    rows = claims[claims["topic"] == name] if len(claims) else claims
    about = [c for c in suite.get("claims", []) if c.get("topic") == name]
    asked = {w for c in about for w in c["workloads"]} | {
        w["name"] for w in suite["workloads"] if w.get("topic") == name
    }
    works = [w for w in suite["workloads"] if w["name"] in asked]
    titles = titles_of(suite, [w["name"] for w in works])
    places = places_of(works)
    # by title, and only what ran here: a legend of nine, not of ninety
    finals = _only(frames.finals(results.trials), places, titles)
    shown = _only(curves, places, titles)
    order = list(dict.fromkeys(titles.values()))
    drawn: dict[str, Any] = {"styles": candidate_styles(order, "l"), "order": order}
    rows = rows.assign(**{side: rows[side].map(lambda c: titles.get(c, c)) for side in ("better", "worse")})
    rows = rows.assign(workload=rows["workload"].map(lambda names: _titled(names, places)))
    pictures = [
        *_illustration(topic, slug),
        *_contours(works, finals, results, slug, drawn),
        *_layers(works, finals, results, slug, drawn),
        *_curves(shown, finals, _shown_metrics(about, finals, places), slug, drawn),
        *_strips(about, finals, slug, drawn),
    ]
    if len(rows):
        pictures.append(
            Picture(
                f"{slug}-claims",
                f"{name}: effects of the claims with 95 % intervals and verdicts; the table below has the numbers.",
                "The paired effect over seeds with its 95 % interval; to the right of 0 it is as claimed. A claim of "
                "equality holds where the interval lies within the grey band. Each row has a unit of its own.",
                partial(figures.claims_forest, rows),
            )
        )
    return Section(
        slug,
        name,
        pictures=pictures,
        tables=[tables.claims(rows, f"{slug}-claims", name)] if len(rows) else [],
        paragraphs=[" ".join(p.split()) for p in re.split(r"\n\s*\n", topic["text"]) if p.strip()],
        formulas=_formulas(topic.get("formula") or ""),
        group="Lessons",
        fold=False,
    )


def titles_of(suite: Mapping[str, Any], workloads: Sequence[str]) -> dict[str, str]:
    """{candidate's name: its title} of those that run on these workloads; names where titles would be mistaken.

    One title may stand for several candidates on different workloads ("He" at two rates), never on one.
    """
    here = [
        c for c in suite["candidates"] if c.get("workloads") is None or set(c["workloads"]) & set(workloads)
    ]
    titles = {c["name"]: c.get("title") or c["name"] for c in here}
    for workload in workloads:
        there = [titles[c["name"]] for c in here if c.get("workloads") is None or workload in c["workloads"]]
        if len(set(there)) < len(there):
            return {c["name"]: c["name"] for c in here}
    return titles


def places_of(works: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """{workload's name: its title}; names where two have one title."""
    places = {w["name"]: w.get("title") or w["name"] for w in works}
    return places if len(set(places.values())) == len(places) else {name: name for name in places}


def _titled(names: str, places: Mapping[str, str]) -> str:
    """A claim's workloads, "a, b", by their titles; a list of many by their number."""
    found = [places.get(name, name) for name in names.split(", ")]
    return "; ".join(found) if len(found) < 4 else f"{len(found)} workloads"


def _only(frame: pd.DataFrame, places: Mapping[str, str], titles: Mapping[str, str]) -> pd.DataFrame:
    if not len(frame):
        return frame
    part = frame[frame["workload"].isin(places) & frame["candidate"].isin(titles)]
    # panels in the suite's order, not in that of the runs
    order = {name: number for number, name in enumerate(places)}
    part = part.sort_values("workload", key=lambda names: names.map(order), kind="stable")
    return part.assign(workload=part["workload"].map(places), candidate=part["candidate"].map(titles))


def _formulas(text: str) -> list[str]:
    try:
        return formula.lines(text)
    except ValueError:  # not mathtext: a suite of somebody's; its words are better than nothing
        return []


def _illustration(topic: Mapping[str, Any], slug: str) -> list[Picture]:
    if topic.get("illustration") not in ILLUSTRATIONS:
        return []
    draw, description, caption = ILLUSTRATIONS[topic["illustration"]]
    return [Picture(f"{slug}-illustration", description, caption, draw)]


def measured(about: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """{workload: what its curves should show}: the metric that a claim about its end compares."""
    found: dict[str, str] = {}
    for claim in about:
        metric = claim["metric"]
        if metric.startswith(("final_train_", "final_validation_")):
            for workload in claim["workloads"]:
                found.setdefault(workload, metric.removeprefix("final_"))
    return found


def _shown_metrics(
    about: Sequence[Mapping[str, Any]], finals: pd.DataFrame, places: Mapping[str, str]
) -> dict[str, str]:
    """{workload's title: metric} where neither its target says what to show nor the default has a word for it."""
    found = {places[w]: metric for w, metric in measured(about).items() if w in places}
    for workload, rows in finals.groupby("workload") if len(finals) else ():
        kind = str(rows["metric"].iloc[0])
        if kind in ("accuracy", "r2") and frames.target_of(rows, str(workload)) is None:
            found.setdefault(str(workload), f"validation_{kind}")
    return found


def _curves(
    shown: pd.DataFrame, finals: pd.DataFrame, metrics: Mapping[str, str], slug: str, drawn: dict[str, Any]
) -> list[Picture]:
    if not len(shown):
        return []
    return [
        Picture(
            f"{slug}-curves",
            "Learning curves, a panel a workload.",
            "Median over fresh seeds, with a band from quartile to quartile. The dotted line is the target.",
            partial(figures.learning_curves, shown, finals, metrics, **drawn),
        )
    ]


def _strips(
    about: Sequence[Mapping[str, Any]], finals: pd.DataFrame, slug: str, drawn: dict[str, Any]
) -> list[Picture]:
    metrics = {c["metric"] for c in about}
    pictures = []
    if "generalization_gap" in metrics and frames.has_values(finals, "generalization_gap"):
        pictures.append(
            Picture(
                f"{slug}-gap",
                "Gap between training and test results by candidate, a panel a workload.",
                "Training minus test accuracy at the end, a dot a seed.",
                partial(figures.generalization_gap, finals, **drawn),
            )
        )
    if any(m.endswith("_to_target") for m in metrics) and frames.has_values(finals, "steps_to_target"):
        pictures.append(
            Picture(
                f"{slug}-steps",
                "Steps to target by candidate, a panel a workload.",
                "Steps until the target is first met, a dot a seed. Misses stand at the right.",
                partial(figures.target_times, finals, **drawn),
            )
        )
    return pictures


def _contours(
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
                    f"{title}: contours and the path of each candidate.",
                    "Paths with the first seed; the star is the minimum.",
                    partial(_paths, work["function"], ordered, drawn["styles"], title),
                )
            )
    return pictures


def _paths(settings: Mapping[str, Any], paths: Mapping[str, np.ndarray], styles: Any, title: str) -> Figure:
    from optbench.registry.registry import registry

    function = registry().create("functions", settings)
    if len(function.window) != 2:
        return nothing("This function has no window to draw.")
    return figures.contour_paths(function, paths, styles, title)


def _layers(
    works: Sequence[Mapping[str, Any]], finals: pd.DataFrame, results: Any, slug: str, drawn: dict[str, Any]
) -> list[Picture]:
    pictures = []
    for work in works:
        if not work.get("diagnostics"):
            continue
        rows = finals[finals["workload"].isin([work["name"], work.get("title")])]
        profile = profile_of(rows, results)
        if len(profile):
            pictures.append(
                Picture(
                    f"{slug}-layers",
                    "Standard deviation of activations and of gradients in each hidden layer before training.",
                    f"{work.get('title') or work['name']}: with the first weights, on one mini-batch. Median over "
                    "seeds, with a band from quartile to quartile.",
                    partial(figures.layer_profile, profile, **drawn),
                )
            )
    return pictures


def profile_of(rows: pd.DataFrame, results: Any) -> pd.DataFrame:
    parts = []
    for row in rows.itertuples():
        arrays = results.arrays(row.key)
        for quantity, name in (("activations", "activation_std"), ("gradients", "gradient_std")):
            values = arrays.get(name)
            if values is not None:
                parts.append(
                    pd.DataFrame(
                        {
                            "candidate": row.candidate,
                            "seed": row.seed,
                            "quantity": quantity,
                            "layer": np.arange(1, len(values) + 1),
                            "value": values,
                        }
                    )
                )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
