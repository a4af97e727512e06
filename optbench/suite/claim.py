"""Claims: statements that the data support, refute or leave undecided."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from optbench.contract.arguments import short
from optbench.contract.errors import near
from optbench.suite.base import Line, Model, Title, problem
from optbench.suite.margins import Margins
from optbench.trials.trial import SPLITS, TO_TARGET

#: what is measured of a split; a problem's own metric, of which only the workload knows, is its `metric`
WHATS = ("loss", "metric", "accuracy", "r2", "score")
#: metrics of a run by name; those that need a target come first
METRICS = (
    *TO_TARGET,
    *(f"final_{split}_{what}" for split in SPLITS for what in WHATS),
    "generalization_gap",
)


class Claim(Model):
    """See `[[claims]]` of a suite.

    statement        the sentence that is judged
    topic            the lesson that it belongs to
    workload, workloads  where it is judged; left out: on all that both candidates run on
    better, worse    candidates' names
    than             two more: `better` beats `worse` by more than the first of these beats the second, an interaction
    equal            instead of better and worse, two candidates that are equal within the margin
    metric           one of `METRICS`, or metric.NAME for a further number that runs record
    direction        whether lower or higher values are better; left out: as the metric says
    margin           a difference up to this one counts as none; of times in a claim with `than` or `equal` a share
                     (0.05: ratios from 1 / 1.05 to 1.05), which `equal` has from the suite where it names none
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
    than: Annotated[tuple[str, str] | None, Field(strict=False)] = None
    equal: Annotated[tuple[str, str] | None, Field(strict=False)] = None
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

    @model_validator(mode="before")
    @classmethod
    def _equal(cls, table: Any) -> Any:
        # `better` and `worse` always hold the candidates, `expect` what is claimed; `equal` is stored beside them.
        if not isinstance(table, dict) or table.get("equal") is None:
            return table
        pair = table["equal"]
        if not (isinstance(pair, (list, tuple)) and len(pair) == 2 and all(isinstance(one, str) for one in pair)):
            raise problem(f"equal: must be two names of candidates, got {short(pair)}")
        if pair[0] == pair[1]:
            raise problem(f"equal: both are the same candidate, {pair[0]!r}")
        filled = {"better": pair[0], "worse": pair[1], "expect": "equivalence"}
        for field, value in (*filled.items(), ("than", None)):
            if table.get(field, value) != value:
                raise problem(f"equal: it names both candidates and what is expected: leave {field} out")
        return {**table, **filled}

    @field_validator("than", mode="before")
    @classmethod
    def _pair(cls, than: Any) -> Any:
        if than is not None and not (isinstance(than, (list, tuple)) and len(than) == 2):
            raise problem(f"must be two names of candidates, got {short(than)}")
        return than

    @field_validator("than")
    @classmethod
    def _other(cls, than: tuple[str, str] | None, info: ValidationInfo) -> tuple[str, str] | None:
        if than is None:
            return None
        if than[0] == than[1]:
            raise problem(f"both are the same candidate, {than[0]!r}")
        if than == (info.data.get("better"), info.data.get("worse")):
            raise problem("these are better and worse themselves")
        return than

    @property
    def candidates(self) -> tuple[str, ...]:
        """All that it is about."""
        return (self.better, self.worse, *(self.than or ()))

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
            if info.data.get("equal") and Margins().of(info.data.get("metric", "")):
                return margin  # the suite's, see `Suite`
            raise problem("equivalence needs a margin above 0: no two results are exactly equal")
        return margin
