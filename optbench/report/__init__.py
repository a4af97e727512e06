"""From tables to pictures, words and a page. Imports lazily: seaborn takes two seconds."""

from importlib import import_module
from typing import Any

_FIGURES = "optbench.report.figures"
_HOME = {
    "candidate_styles": "optbench.report.pictures.style",
    "leaderboard_table": "optbench.report.terminal.leaderboard",
    "write": "optbench.report.page.run",
    "claims_forest": _FIGURES,
    "claims_overview": _FIGURES,
    "contour_paths": _FIGURES,
    "generalization_gap": _FIGURES,
    "heat_map": _FIGURES,
    "improvement_forest": _FIGURES,
    "layer_profile": _FIGURES,
    "leaderboard": _FIGURES,
    "learning_curves": _FIGURES,
    "outcome_counts": _FIGURES,
    "performance_profile": _FIGURES,
    "rank_diagram": _FIGURES,
    "rate_sensitivity": _FIGURES,
    "target_shares": _FIGURES,
    "target_times": _FIGURES,
    "tuning_curves": _FIGURES,
}

__all__ = [
    "candidate_styles",
    "claims_forest",
    "claims_overview",
    "contour_paths",
    "generalization_gap",
    "heat_map",
    "improvement_forest",
    "layer_profile",
    "leaderboard",
    "leaderboard_table",
    "learning_curves",
    "outcome_counts",
    "performance_profile",
    "rank_diagram",
    "rate_sensitivity",
    "target_shares",
    "target_times",
    "tuning_curves",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
