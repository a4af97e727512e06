"""Decision boundaries of a lesson's workloads: of any whose networks read two numbers and tell two classes."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from optbench.contract.errors import OptbenchError
from optbench.lab.boundaries import Plane, planar, plane
from optbench.language import gettext as _
from optbench.registry.registry import registry
from optbench.report import figures
from optbench.report.parts import Picture
from optbench.report.pictures.panels import nothing
from optbench.store.store import Store
from optbench.trials.trial import Trial

#: No parameters are stored, so that trials are trained again for their picture: of a workload whose candidates together
#: took so many seconds at most, and are so many. A stack of them took these seconds, and one by itself may take thrice.
LONGEST, MOST = 6.0, 12


def boundaries(works: Sequence[Mapping[str, Any]], finals: pd.DataFrame, results: Any, slug: str) -> list[Picture]:
    """A picture a workload of two inputs and two classes, of the first seed of each candidate."""
    cheap = {}
    for work in works:
        rows = finals[finals["workload"].isin([work["name"], work.get("title")])] if len(finals) else finals
        if not work.get("dataset") or not len(rows):
            continue
        seconds = rows.groupby("candidate")["seconds"].median()
        if seconds.sum() <= LONGEST and len(seconds) <= MOST:
            cheap[work["name"]] = rows
    if not cheap:
        return []
    with Store(results.path, readonly=True) as store:
        first = [a for a in store.first_finals() if a.workload in cheap]
    pictures: list[Picture] = []
    for work in works:
        trials = {a.trial.key: a.trial for a in first if a.workload == work["name"]}
        if not trials or not _planar(next(iter(trials.values()))):
            continue
        rows = cheap[work["name"]].drop_duplicates("key").set_index("key")
        asked = {
            str(rows["candidate"][key]): (trial, float(rows["final_test_metric"][key]))
            for key, trial in trials.items()
            if key in rows.index
        }
        title = work.get("title") or work["name"]
        pictures.append(
            Picture(
                f"{slug}-boundaries-{len(pictures) + 1}",
                _(
                    "{title}: what each candidate's network says of every point of the plane, and the training "
                    "examples."
                ).format(title=title),
                _(
                    "{title}, first seed: the line is where the network finds both classes equally likely, the marks "
                    "are the training examples, the number is the test accuracy of this seed."
                ).format(title=title),
                partial(_draw, asked),
            )
        )
    return pictures


def _planar(trial: Trial) -> bool:
    try:
        return planar(trial, registry())
    except (OptbenchError, KeyError):  # its data or components are not here
        return False


def _draw(asked: Mapping[str, tuple[Trial, float]]) -> Figure:
    planes: dict[str, Plane] = {}
    for name, (trial, stored) in asked.items():
        try:
            found = plane(trial, registry())
        except (OptbenchError, KeyError):
            return nothing(
                _("{name} could not be trained again: a component is not installed here.").format(name=name)
            )
        if found.run.test_metric != stored:
            return nothing(
                _("{name} does not give its stored result any more: code, data or machine changed.").format(name=name)
            )
        planes[name] = found
    return figures.decision_boundaries(planes, {name: stored for name, (_, stored) in asked.items()})
