"""What tuning costs: the best of k trials, and how carefully the rate must be chosen."""

from functools import partial

from optbench.report import figures, tuned
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.tables.budgets import budgets
from optbench.report.tables.sensitivity import sensitivities
from optbench.report.words.until import counted


def tuning_sections(about: Context) -> list[Section]:
    """Sections about the tuning trials; none where nothing was tuned."""
    trials = tuned.trials_of(about.trials)
    if not len(trials):
        return []
    parts = [
        Section(
            "tuning",
            "Tuning curves",
            "What a user who can afford k tuning trials may expect: the mean best validation result of k trials drawn "
            "from those that were run (Dodge et al. 2019, unbiased), with a 95 % bootstrap interval: a band for up to "
            "three candidates, else where a curve is pointed at. Trials without a result count as the worst.",
            [
                Picture(
                    "tuning-curves",
                    "Expected best result of k tuning trials against k, a panel a workload.",
                    "",
                    partial(figures.tuning_curves, about.trials, **about.lines),
                )
            ],
            group="Tuning",
            gist="the best of k trials, for every k",
        )
    ]
    parts += _budgets(about)
    if (tuned.rates(trials) > 0).any():
        widths = sensitivities(about.trials, about.order)
        parts.append(
            Section(
                "rate-sensitivity",
                "Sensitivity to the learning rate",
                "Each tuning trial at the rate it tried; its other hyperparameters differ too. A ring marks the "
                "selected setting; crosses in the grey band diverged or failed.",
                [
                    Picture(
                        "rate-sensitivity",
                        "Final validation metric against the learning rate, a panel a workload.",
                        "",
                        partial(figures.rate_sensitivity, about.trials, **about.lines),
                    )
                ],
                tables=[widths] if widths.rows else [],
                kind="legend",
                group="Tuning",
                gist="which rates are good enough",
            )
        )
    return parts


def _budgets(about: Context) -> list[Section]:
    from optbench.statistics import budget_changes, budget_ranks

    by = "steps" if about.trials["target_metric"].notna().any() else "final"
    ranks = budget_ranks(about.trials, by)
    if not len(ranks) or ranks["k"].max() < 2:
        return []
    changes = budget_changes(ranks)
    what = "steps to target, a miss a step beyond the budget" if by == "steps" else "normalized validation result"
    return [
        Section(
            "budget-ranks",
            "Rank against the tuning budget",
            f"Candidates by the expected best of k tuning trials ({what}), in the mean over workloads. Where lines "
            "cross, two change places: with another budget a comparison would say something else. Near neighbours may "
            "change places by chance.",
            [
                Picture(
                    "budget-ranks",
                    "Rank of each candidate by the expected best of k tuning trials, against k.",
                    "",
                    partial(figures.budget_ranks, ranks, **about.lines),
                )
            ],
            tables=[budgets(ranks, changes, about.order)],
            kind="legend",
            group="Tuning",
            gist=f"{counted(len(changes), 'change')} of places" if len(changes) else "the same order for every k",
        )
    ]
