"""What happens within the layers of networks that recorded it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from optbench.language import gettext as _
from optbench.report import figures
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context


def layer_sections(about: Context) -> list[Section]:
    """One section for all workloads that recorded per-layer statistics and are not part of a lesson."""
    works: list[dict[str, Any]] = about.results.suite.get("workloads", [])
    recorded = [w for w in works if w.get("diagnostics") and not w.get("topic")]
    pictures = [
        picture
        for number, work in enumerate(recorded)
        for rows in [about.finals[about.finals["workload"] == work["name"]]]
        for picture in layer_pictures(f"layers-{number + 1}", work, rows, about.results, about.lines)
    ]
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


def layer_pictures(
    name: str, work: Mapping[str, Any], rows: pd.DataFrame, results: Any, drawn: dict[str, Any]
) -> list[Picture]:
    """The picture of one workload from its final runs; none where these recorded nothing."""
    profile = profile_of(rows, results)
    if not len(profile):
        return []
    return [
        Picture(
            name,
            _("Standard deviation of activations and of gradients in each hidden layer before training."),
            _(
                "{title}: with the first weights, on one mini-batch. Median over seeds, with a band from quartile to "
                "quartile."
            ).format(title=work.get("title") or work["name"]),
            partial(figures.layer_profile, profile, **drawn),
        )
    ]


def profile_of(rows: pd.DataFrame, results: Any) -> pd.DataFrame:
    """Columns candidate, seed, quantity, layer, value, from the arrays of these runs."""
    parts = []
    for row in rows.itertuples():
        arrays = results.arrays(row.key)
        for quantity, name in (("activations", "activation_std"), ("gradients", "gradient_std")):
            values = arrays.get(name)
            if values is not None:
                layer = np.arange(1, len(values) + 1)
                part = {"quantity": quantity, "layer": layer, "value": values}
                parts.append(pd.DataFrame({"candidate": row.candidate, "seed": row.seed, **part}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
