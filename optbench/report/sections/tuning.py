"""What tuning costs: the best of k trials, and how carefully the rate must be chosen."""

from functools import partial

import numpy as np
import pandas as pd

from optbench.report import figures, frames
from optbench.report.figures.tuning import tuning_results
from optbench.report.parts import Picture, Section
from optbench.report.sections.context import Context
from optbench.report.style import number
from optbench.report.table import Cell, Column, Row, Table
from optbench.report.terminal import plain

#: decades of rates are cut into so many places, of which each counts with its best trial
BINS = 12


def tuning_sections(about: Context) -> list[Section]:
    """Sections about the tuning trials; none where nothing was tuned."""
    tuned = frames.tuned(about.trials)
    if not len(tuned):
        return []
    parts = [
        Section(
            "tuning",
            "Tuning curves",
            "What a user who can afford k tuning trials may expect: the mean best validation result of k trials drawn "
            "from those that were run (Dodge et al. 2019, unbiased), with a 95 % bootstrap band. Trials without a "
            "result count as the worst.",
            [
                Picture(
                    "tuning-curves",
                    "Expected best result of k tuning trials against k, a panel a workload.",
                    "",
                    partial(figures.tuning_curves, about.trials, **about.drawn),
                )
            ],
            group="Tuning",
            gist="the best of k trials, for every k",
        )
    ]
    if (frames.rates(tuned) > 0).any():
        widths = sensitivities(about)
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
                        partial(figures.rate_sensitivity, about.trials, **about.drawn),
                    )
                ],
                tables=[widths] if widths.rows else [],
                kind="legend",
                group="Tuning",
                gist="which rates are good enough",
            )
        )
    return parts


def sensitivities(about: Context) -> Table:
    """Decades of rates within 1 % of a candidate's best, a column a workload."""
    from optbench.statistics import sensitivity

    tuned = frames.tuned(about.trials)
    results = tuning_results(about.trials)
    results = results.assign(rate=frames.rates(tuned).reindex(_order(tuned)).to_numpy()) if len(results) else results
    records = []
    for (candidate, workload), rows in results.groupby(["candidate", "workload"], sort=False) if len(results) else ():
        rows = rows[rows["rate"] > 0]
        if len(rows) < 3 or not np.isfinite(rows["result"]).any():
            continue
        found = sensitivity(rows["rate"].to_numpy(), rows["result"].to_numpy(dtype=float), bins=BINS)
        records.append(
            {
                "candidate": str(candidate),
                "workload": str(workload),
                "best_rate": found.best,
                "low": found.low,
                "high": found.high,
                "decades": found.width,
                "open": found.open_low or found.open_high,
            }
        )
    source = pd.DataFrame(records)
    columns = [
        Column("candidate", "Candidate", number=False),
        Column("workload", "Workload", number=False),
        Column("best_rate", "Best rate", "Rate of the tuning trial with the best validation result"),
        Column("range", "Good rates", "Rates around it whose best results lie within 1 % of that"),
        Column("decades", "Decades", "Width of that range; ≥ where no rate beyond it was tried. Large is forgiving"),
    ]
    shown: list[Row] = []
    for name in frames.names(source, "candidate", about.order):
        for record in source[source["candidate"] == name].to_dict("records"):
            width = f"{'≥ ' if record['open'] else ''}{record['decades']:.2f}"
            shown.append(
                Row(
                    [
                        Cell(plain(name)),
                        Cell(plain(record["workload"])),
                        Cell(number(record["best_rate"]), record["best_rate"]),
                        Cell(f"{number(record['low'])} to {number(record['high'])}", record["low"]),
                        Cell(width, record["decades"]),
                    ],
                    about.styles[name].key if name in about.styles else "",
                    str(record["workload"]),
                )
            )
    return Table("sensitivity", "Sensitivity to the learning rate", columns, shown, source)


def _order(tuned: pd.DataFrame) -> list:
    """The trials' index in the order of `tuning_results`: workload by workload, as they come."""
    groups = tuned.groupby("workload", sort=False).groups
    return [at for index in groups.values() for at in index]
