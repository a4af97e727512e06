"""From tables to pictures, words and a page. Imports lazily: seaborn takes two seconds."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optbench.report.figures import (
        claims_forest,
        claims_overview,
        contour_paths,
        generalization_gap,
        heat_map,
        improvement_forest,
        layer_profile,
        learning_curves,
        outcome_counts,
        performance_profile,
        rank_diagram,
        rate_sensitivity,
        target_shares,
        target_times,
        tuning_curves,
    )
    from optbench.report.figures.leaderboard import leaderboard
    from optbench.report.figures.watched import compared_curves, watched_curves
    from optbench.report.page.compared import write_compared
    from optbench.report.page.run import write
    from optbench.report.page.watched import write_training
    from optbench.report.pictures.style import candidate_styles
    from optbench.report.terminal.leaderboard import leaderboard_table

#: where what is no figure is from
_HOME = {
    "candidate_styles": "optbench.report.pictures.style",
    "leaderboard_table": "optbench.report.terminal.leaderboard",
    "compared_curves": "optbench.report.figures.watched",
    "watched_curves": "optbench.report.figures.watched",
    "write": "optbench.report.page.run",
    "write_compared": "optbench.report.page.compared",
    "write_training": "optbench.report.page.watched",
}

__all__ = [
    "candidate_styles",
    "claims_forest",
    "claims_overview",
    "compared_curves",
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
    "watched_curves",
    "write",
    "write_compared",
    "write_training",
]


def __dir__() -> list[str]:
    return __all__


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # what strangers give is checked here, at the door
        checked = import_module("optbench.report.arguments").checked
        found = checked(getattr(import_module(_HOME.get(name, "optbench.report.figures")), name))
        globals()[name] = found
        return found
