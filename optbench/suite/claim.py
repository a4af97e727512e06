"""Claims: statements that the data support, refute or leave undecided."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from optbench.contract.errors import near
from optbench.suite.base import Line, Model, Title, problem
from optbench.trials.trial import SPLITS, TO_TARGET

WHATS = ("loss", "metric", "accuracy", "r2")
#: metrics of a run by name; those that need a target come first
METRICS = (
    *TO_TARGET,
    *(f"final_{split}_{what}" for split in SPLITS for what in WHATS),
    "generalization_gap",
)


class Claim(Model):
    """See `[[claims]]` of a suite.

    better, worse    candidates' names
    metric           one of `METRICS`, or metric.NAME for a further number that runs record
    direction        whether lower or higher values are better; None: as the metric says
    margin           a difference up to this one counts as none
    expect           difference: better is better; equivalence: they differ by less than the margin
    pairs            what is compared: seeds, one by one; or studies, each with the mean over its seeds, where the
                     claim is about tuning and a seed of a study is no independent witness
    source           who says so
    """

    statement: Title
    topic: Line | None = None
    workload: str | None = None
    workloads: Annotated[tuple[str, ...], Field(strict=False)] = ()
    better: str
    worse: str
    metric: Line
    expect: Literal["difference", "equivalence"] = "difference"
    pairs: Literal["seeds", "studies"] = "seeds"
    direction: Literal["lower", "higher"] | None = None
    margin: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    source: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _list(cls, table: Any) -> Any:
        # `workloads` always holds them all; as a suite is stored, `workload` stays beside it.
        if not isinstance(table, dict) or not isinstance(table.get("workload"), str):
            return table
        one, many = table["workload"], table.get("workloads")
        if many is not None and list(many) != [one]:
            raise problem("give either workload or workloads, not both")
        return {**table, "workloads": [one]}

    @field_validator("workloads")
    @classmethod
    def _some(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not names:
            raise problem("a claim needs workload or workloads", whole=True)
        return names

    @field_validator("worse")
    @classmethod
    def _two(cls, worse: str, info: ValidationInfo) -> str:
        if worse == info.data.get("better"):
            raise problem(f"better and worse are the same candidate, {worse!r}")
        return worse

    @field_validator("metric")
    @classmethod
    def _metric(cls, metric: str) -> str:
        if metric not in METRICS and not re.fullmatch(r"metric\.\S+", metric):
            raise problem(
                f"there is no metric {metric!r}; {near(metric, METRICS)}"
                " (metric.NAME stands for a further number that runs record)"
            )
        return metric

    @field_validator("direction")
    @classmethod
    def _direction(cls, direction: str | None, info: ValidationInfo) -> str | None:
        metric, expect = info.data.get("metric", ""), info.data.get("expect")
        if direction is None and metric.startswith("metric.") and expect == "difference":
            raise problem(f'say "lower" or "higher": nothing else tells which {metric} is better')
        return direction

    @field_validator("margin")
    @classmethod
    def _margin(cls, margin: float, info: ValidationInfo) -> float:
        if margin == 0 and info.data.get("expect") == "equivalence":
            raise problem("equivalence needs a margin above 0: no two results are exactly equal")
        return margin
