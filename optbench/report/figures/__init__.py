"""One figure a file; each a function from tidy frames to a matplotlib Figure, drawn outside pyplot."""

from optbench.report.figures.averages import averages
from optbench.report.figures.claims import claims_forest
from optbench.report.figures.contours import contour_paths
from optbench.report.figures.curves import learning_curves
from optbench.report.figures.heatmap import heat_map
from optbench.report.figures.layers import layer_profile
from optbench.report.figures.leaderboard import leaderboard
from optbench.report.figures.outcomes import outcome_counts
from optbench.report.figures.sensitivity import rate_sensitivity
from optbench.report.figures.strips import generalization_gap, target_times

__all__ = [
    "averages",
    "claims_forest",
    "contour_paths",
    "generalization_gap",
    "heat_map",
    "layer_profile",
    "leaderboard",
    "learning_curves",
    "outcome_counts",
    "rate_sensitivity",
    "target_times",
]
