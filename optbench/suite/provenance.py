"""Where a target comes from."""

from typing import Annotated

from pydantic import Field

from optbench.suite.base import Count, Line, Model


class Provenance(Model):
    """Where a workload's target comes from, as `optbench targets` writes it; by hand, what there is to say.

    procedure       how it was computed, or "chosen by hand"
    date, version   when (YYYY-MM-DD), with which version of optbench
    candidates      the baselines
    trials, seeds   their tuning trials, and the fresh seeds of each
    quantity        what was measured, such as "final validation_accuracy"
    median, runs    its median over how many runs, before rounding
    reached         share of the runs that met the target at some evaluation
    """

    procedure: Annotated[str, Field(min_length=1)]
    date: Line = ""
    version: Line = ""
    candidates: Annotated[tuple[str, ...], Field(strict=False)] = ()
    trials: Count | None = None
    seeds: Count | None = None
    quantity: Line = ""
    median: Annotated[float, Field(allow_inf_nan=False)] | None = None
    runs: Count | None = None
    reached: Annotated[float, Field(ge=0, le=1)] | None = None
