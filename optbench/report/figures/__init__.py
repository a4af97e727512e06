"""One figure a file; each a function from tidy frames to a matplotlib Figure, drawn outside pyplot."""

from optbench.report.figures.activations import activation_spread
from optbench.report.figures.averages import averages
from optbench.report.figures.batch_paths import batch_paths
from optbench.report.figures.boundaries import decision_boundaries
from optbench.report.figures.budgets import budget_ranks
from optbench.report.figures.claims import claims_forest
from optbench.report.figures.contours import contour_paths
from optbench.report.figures.curves import learning_curves, targets_drawn
from optbench.report.figures.curves_apart import curves_apart
from optbench.report.figures.frameworks import frameworks
from optbench.report.figures.heatmap import heat_map
from optbench.report.figures.input_scales import input_scales
from optbench.report.figures.interactions import interaction_plot
from optbench.report.figures.layers import layer_profile
from optbench.report.figures.leaderboard import leaderboard
from optbench.report.figures.outcomes import outcome_counts
from optbench.report.figures.overview import claims_overview
from optbench.report.figures.ranks import improvement_forest, rank_diagram
from optbench.report.figures.search_samples import search_samples
from optbench.report.figures.sensitivity import rate_sensitivity
from optbench.report.figures.steps import performance_profile, target_shares
from optbench.report.figures.strips import generalization_gap, target_times
from optbench.report.figures.symmetry import symmetric_units
from optbench.report.figures.tuning import tuning_curves

__all__ = [
    "activation_spread",
    "averages",
    "batch_paths",
    "budget_ranks",
    "claims_forest",
    "claims_overview",
    "contour_paths",
    "curves_apart",
    "decision_boundaries",
    "frameworks",
    "generalization_gap",
    "heat_map",
    "improvement_forest",
    "input_scales",
    "interaction_plot",
    "layer_profile",
    "leaderboard",
    "learning_curves",
    "outcome_counts",
    "performance_profile",
    "rank_diagram",
    "rate_sensitivity",
    "search_samples",
    "symmetric_units",
    "target_shares",
    "target_times",
    "targets_drawn",
    "tuning_curves",
]
