"""Decision boundaries: where a network changes its mind, over the examples that it learnt from."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from optbench.report.pictures.panels import facets, label
from optbench.report.pictures.style import INK, PALETTE, drawing

#: marks of the two classes
CLASSES = (("o", PALETTE[0]), ("^", PALETTE[1]))


def decision_boundaries(planes: Mapping[str, Any], metrics: Mapping[str, float]) -> Figure:
    """A panel a candidate, on the same axes: its two sides in pale colours, the line at probability 1/2, the examples.

    planes    {candidate: `optbench.lab.boundaries.Plane`}
    metrics   {candidate: test accuracy}, for the titles
    """
    with drawing():
        four = len(planes) == 4  # in one row
        made, axes = facets(len(planes), 2.6 if four else 3.0, columns=4 if four else 3)
        for axis, (name, plane) in zip(axes, planes.items(), strict=True):
            if np.isfinite(plane.chance).all():
                axis.contourf(
                    plane.across, plane.up, plane.chance, levels=[-0.1, 0.5, 1.1],
                    colors=[color for _, color in CLASSES], alpha=0.15,
                )  # fmt: skip
                if plane.chance.min() < 0.5 < plane.chance.max():
                    axis.contour(plane.across, plane.up, plane.chance, levels=[0.5], colors=INK, linewidths=1.3)
            for number, (marker, color) in enumerate(CLASSES):
                at = plane.x[plane.y == number]
                axis.plot(*at.T, marker=marker, color=color, linestyle="none", markersize=2.6, alpha=0.8)
            axis.set_xlim(plane.across[0], plane.across[-1])
            axis.set_ylim(plane.up[0], plane.up[-1])
            axis.grid(visible=False)
            axis.set_xlabel("x₁")
            axis.set_ylabel("x₂")
            axis.set_title(f"{label(name, 20 if four else 30)}: {metrics[name]:.2f}")
        return made
