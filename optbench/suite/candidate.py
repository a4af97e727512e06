"""Candidates: named choices of components with the ranges that they are searched in."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import Hyper, Interval
from optbench.registry.registry import Registry
from optbench.suite.base import Count, Label, Model, Titled, as_problem, problem, registry_of
from optbench.suite.grid import Levels
from optbench.suite.ranges import dump_range, load_range
from optbench.suite.references import searched
from optbench.suite.workload import Workload, check_batch_size
from optbench.trials.confirmation import MOST_CONFIRMATIONS

Method = Literal["quasirandom", "random", "grid", "halving", "tpe", "none"]

#: what a search over the batch size starts from: a workload's default and what makes sense
BATCH_SIZE = Hyper(64, valid=Interval("[1, inf)"), scale="integer", priority=2, help="examples a step")


#: of a study
MOST_TRIALS = 100_000


class Tuning(Model):
    """How every candidate is tuned on every workload, all on the same budget.

    method    see `optbench.tuning`; none: a candidate's settings as they are
    trials    the budget of a study, in trainings of a workload's full length: search and confirmations
    finalists   the best so many of a search are confirmed before one is selected; 1: none is
    confirm   further seeds that each finalist is trained on; one where there are finalists and nothing is said
    studies   independent repetitions of tuning, each with fresh points and fresh seeds
    select    target: the shortest time to the workload's targets, then the best final value of their metric, then the
              lowest validation loss; final: without the time
    first     search only so many hyperparameters, by their priority
    """

    method: Method = "quasirandom"
    trials: Annotated[int, Field(ge=1, le=MOST_TRIALS)] = 8
    finalists: Count = 1
    confirm: Annotated[int, Field(ge=0, le=MOST_CONFIRMATIONS)] = 0
    studies: Annotated[int, Field(ge=1, le=1000)] = 1
    select: Literal["target", "final"] = "target"
    first: Count | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_seed(cls, table: Any) -> Any:
        """Where a suite has finalists and does not say on how many further seeds."""
        if isinstance(table, dict) and "confirm" not in table and table.get("finalists", 1) != 1:
            return {**table, "confirm": 1}
        return table

    @model_validator(mode="after")
    def _fits(self) -> "Tuning":
        if (self.finalists > 1) != (self.confirm > 0):
            few = "finalists of at least 2" if self.confirm else "confirm of at least 1, or finalists = 1"
            raise problem(f"finalists = {self.finalists} and confirm = {self.confirm} confirm nothing; expected {few}")
        if not self.fits(self.trials):
            raise problem(
                f"finalists = {self.finalists} and confirm = {self.confirm} take {self.confirmations} of trials = "
                f"{self.trials}, and a search must leave {self.finalists} to choose from; expected trials of at least "
                f"{self.finalists * (self.confirm + 1)}, fewer finalists or less to confirm"
            )
        return self

    @property
    def confirmations(self) -> int:
        """Trainings of a study that confirm its finalists."""
        return self.finalists * self.confirm

    @property
    def search(self) -> int:
        """Trainings that are left to search with, in full lengths."""
        return self.trials - self.confirmations

    def fits(self, trials: int) -> bool:
        """Whether so many trials find as many settings as are to be confirmed."""
        return trials >= self.finalists + self.confirmations

    def limited(self, trials: int) -> "Tuning":
        """The same with another budget: where that is too small to confirm, all of it is for searching."""
        update = {"trials": trials} if self.fits(trials) else {"trials": trials, "finalists": 1, "confirm": 0}
        return self.model_copy(update=update)


class CandidateTuning(Model):
    """A candidate's own way of tuning. The budget stays the suite's: unequal ones decide comparisons.

    method, first   as of [tuning]; left out: what that says
    """

    method: Method | None = None
    first: Count | None = None

    @model_validator(mode="before")
    @classmethod
    def _same_budget(cls, table: Any) -> Any:
        for name in ("trials", "finalists", "confirm", "studies", "select"):
            if isinstance(table, dict) and name in table:
                raise problem(f"{name} is the same for all candidates: set it in [tuning]")
        return table


class Candidate(Titled):
    """See `[[candidates]]` of a suite. What is None here is the workload's.

    Components are tables {"name": …, every setting, "search": {path: range}}.
    name, title   what it is called in files and on the command line, and on pages; left out: the name
    optimizer     what is compared, most often; a field that has a range, or is named in `search`, is tuned
    schedule, initializer, normalizers, regularizers, batch_size  instead of the workload's
    tuning        its own way of tuning
    workloads     names of the workloads that it runs on; left out: all
    design, levels  the design that it is a cell of, and its level of each of its factors; see `optbench.suite.grid`
    """

    name: Label
    optimizer: Any = "adam"
    schedule: Any = None
    initializer: Any = None
    normalizers: Any = None
    regularizers: Any = None
    batch_size: Any = None
    tuning: CandidateTuning = CandidateTuning()
    workloads: Annotated[tuple[str, ...] | None, Field(strict=False)] = None
    design: str | None = None
    levels: Levels = Field(default_factory=dict)

    @field_validator("optimizer", "schedule", "initializer")
    @classmethod
    def _component(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name != "optimizer":
            return None
        with as_problem():
            # A rate that nobody tuned decides a comparison; other kinds are searched where a suite says so.
            everything = info.field_name == "optimizer"
            return searched(f"{info.field_name}s", value, registry_of(info), everything)

    @staticmethod
    def read(kind: str, value: Any, registry: Registry) -> dict[str, Any]:
        return searched(kind, value, registry, False)

    @field_validator("batch_size")
    @classmethod
    def _batch_size(cls, value: Any) -> Any:
        if value is None or value == "full":
            return value
        if isinstance(value, dict):
            # "full" is a choice as well as any number.
            choices = value.get("choices")
            numbers = [c for c in choices if c != "full"] if isinstance(choices, list) else choices
            whole = {**value, "choices": numbers} if "choices" in value else value
            with as_problem():
                hyper = load_range("search", whole, BATCH_SIZE)
            dumped = dump_range(hyper)
            return {**dumped, "choices": list(value["choices"])} if "choices" in value else dumped
        check_batch_size(value, 'or "full" or a range to search')
        return value

    @field_validator("workloads")
    @classmethod
    def _some(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if names is not None and not names:
            raise problem("an empty list: leave workloads out for all of them")
        return names

    def runs_on(self, workload: Workload) -> bool:
        """Whether it is compared on this workload; on a variant, where it is on the base."""
        return self.workloads is None or workload.base in self.workloads


def candidate_of(table: dict[str, Any], registry: Registry) -> Candidate:
    """A candidate that no suite's file has, from its table; `OptbenchError` in one line where it cannot be one."""
    try:
        return Candidate.model_validate(table, context={"registry": registry})
    except ValidationError as error:
        told = "; ".join(dict.fromkeys(str(one["msg"]) for one in error.errors(include_url=False)))
        raise OptbenchError(f"candidate {table['name']}: {told}") from None
