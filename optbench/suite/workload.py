"""Workloads: a dataset, a network, a loss, a budget and a target; or a function, or a problem of one's own."""

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from optbench.contract.arguments import short
from optbench.contract.dataset import LOSSES_OF, METRIC_OF
from optbench.contract.errors import OptbenchError, near
from optbench.contract.metric import KNOWN, Metric, lower_is_better
from optbench.nn.losses import LOSSES
from optbench.registry.registry import Registry
from optbench.suite.base import Count, Line, Model, Name, Titled, as_problem, problem, registry_of
from optbench.suite.references import fixed


def task_of(dataset: dict[str, Any], registry: Registry) -> str:
    """One of TASKS."""
    # Of the object, not of its class: a dataset that wraps another has the other's task.
    return registry.create("datasets", dataset).task


def online(dataset: Any, registry: Registry) -> bool:
    """Whether every mini-batch of the dataset is new: there is neither an epoch nor a full batch."""
    return isinstance(dataset, dict) and registry.create("datasets", dataset).online


def target_metrics(metric: str | None) -> list[str]:
    """What a target can be set on; `metric` is None for an analytic function, and "" for a problem without."""
    if metric is None:
        return ["train_loss"]
    if not metric:
        return ["validation_loss", "train_loss"]
    return [f"{split}_{what}" for split in ("validation", "train") for what in (metric, "loss")]


#: those whose names say all
KNOWN_TARGETS = tuple(name for metric in KNOWN for name in target_metrics(metric))


def metric_of(workload: "Workload", registry: Registry) -> str | None:
    """What a workload measures beside its loss: None of an analytic function, "" of a problem without."""
    return workload.metric if workload.bare else METRIC_OF[task_of(workload.dataset, registry)]


#: Training examples that the loss is measured on, and evaluations between two that read the validation split where
#: targets are on the training split: as few as leave times as calm (docs/statistics.md, What an evaluation reads).
EVALUATE_EXAMPLES, VALIDATE_EVERY = 512, 4

#: a value that a target's metric has to reach
Level = Annotated[float, Field(allow_inf_nan=False)]


class Target(Model):
    """What a run has to reach: a loss is reached at or below `value`, accuracy and R^2 at or above it.

    metric    `target_metrics` says which there are. Of a problem's own metric its direction and unit are filled in
    value     to be reached; of a ladder the hardest
    ladder    several values from the easiest to the hardest: the time of a run is the geometric mean of its times to
              them. Then `value` is the hardest and `further` are the easier ones
    further   more values of the same metric, easier or harder ones: see `Results.target_times`
    """

    metric: str
    ladder: Annotated[tuple[Level, ...], Field(strict=False)] = ()
    value: Level
    further: Annotated[tuple[Level, ...], Field(strict=False)] = ()

    @property
    def higher(self) -> bool:
        """Whether more is better."""
        return not lower_is_better(self.metric)

    @property
    def levels(self) -> tuple[float, ...]:
        """What times are measured to: the ladder, else the value alone."""
        return self.ladder or (self.value,)

    @model_validator(mode="before")
    @classmethod
    def _hardest(cls, table: Any) -> Any:
        # As a suite is stored, value and further stay beside the ladder.
        ladder = table.get("ladder") if isinstance(table, dict) else None
        if not isinstance(ladder, (list, tuple)) or not ladder:
            return table
        filled = {"value": ladder[-1], "further": tuple(ladder[:-1])}
        for field, value in filled.items():
            if table.get(field, value) not in (value, list(value) if isinstance(value, tuple) else value):
                raise problem(f"give either ladder or {field}, not both")
        return {**table, **filled}

    @field_validator("ladder")
    @classmethod
    def _rising(cls, levels: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        sign = -1.0 if lower_is_better(str(info.data.get("metric", ""))) else 1.0
        for easier, harder in pairwise(levels):
            if not sign * harder > sign * easier:
                raise problem(f"a ladder goes from the easiest to the hardest, but {harder:g} follows {easier:g}")
        return levels

    @field_validator("value")
    @classmethod
    def _possible(cls, value: float, info: ValidationInfo) -> float:
        cls._check(value, info)
        return value

    @field_validator("further")
    @classmethod
    def _different(cls, values: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        for number, value in enumerate(values):
            cls._check(value, info)
            if value in values[:number] or value == info.data.get("value"):
                raise problem(f"{value:g} is there twice")
        return values

    @staticmethod
    def _check(value: float, info: ValidationInfo) -> None:
        metric = info.data.get("metric", "")
        if metric.endswith("accuracy") and not 0 <= value <= 1:
            raise problem(f"an accuracy is in [0, 1], got {value:g}")
        if metric.endswith("r2") and value > 1:
            raise problem(f"R^2 is at most 1, got {value:g}")


class SplitSettings(Model):
    """Which examples are held out.

    validation, test   shares of all examples
    seed               of the shuffle that decides which
    train              examples that are trained on; left out: all of the rest
    """

    validation: Annotated[float, Field(gt=0, lt=1)] = 0.2
    test: Annotated[float, Field(gt=0, lt=1)] = 0.2
    seed: Annotated[int, Field(ge=0)] = 0
    train: Count | None = None

    @field_validator("test")
    @classmethod
    def _rest(cls, test: float, info: ValidationInfo) -> float:
        validation = info.data.get("validation", 0)
        if validation + test >= 1:
            raise problem(f"validation and test leave nothing to train on: {validation:g} + {test:g}")
        return test


class Workload(Titled):
    """See `[[workloads]]` of a suite. Components are tables with every setting filled in.

    name, title         what it is called in files and on the command line, and on pages; left out: the name
    topic               the lesson that it belongs to
    family, shows       what kind of workload it is, and in a sentence what it is there to show
    dataset, network    what is trained on what
    function            an analytic function instead of them
    problem, metric     a problem of one's own, and which metric it has ("" for none); filled in
    loss                left out: as the dataset's task says
    batch_size          examples a step, or "full"; functions and problems have no batches
    epochs, steps       the budget: exactly one of them
    target              what a run has to reach
    evaluate_every      steps between evaluations; left out: each epoch
    evaluate_examples   most training examples that an evaluation measures training loss and metric on
    validate_every      evaluations, of which one reads the validation split: 1 where the target is on it, or none is.
                        The first and the last do anyway, and so do all of a candidate that may stop early
    dtype               of parameters and data; left out: float64 without a network, else float32
    split               which examples are held out
    diagnostics         whether a run records statistics of every layer
    variant_of          the workload that this one is a held-out variant of: see `optbench.suite.variants`
    sealed              whether that variant was drawn for a run's candidates: see `optbench.suite.sealed`
    studies             independent repetitions of tuning here; left out: as [tuning] says
    initializer, schedule, normalizers, regularizers  what a candidate has that names none
    """

    name: Name
    topic: Line | None = None
    family: Line = ""
    shows: Line = ""
    dataset: Any = None
    network: Any = None
    function: Any = None
    problem: Any = None
    metric: str | None = None
    loss: str | None = None
    batch_size: Any = 64
    epochs: Count | None = None
    steps: Count | None = None
    target: Target | None = None
    evaluate_every: Count | None = None
    evaluate_examples: Count | None = None
    validate_every: Count | None = None
    dtype: Literal["float32", "float64"] | None = None
    split: SplitSettings = SplitSettings()
    diagnostics: bool = False
    variant_of: str | None = None
    sealed: bool = False
    studies: Annotated[int, Field(ge=1, le=1000)] | None = None
    initializer: Any = "glorot-uniform"
    schedule: Any = "constant"
    normalizers: Any = ()
    regularizers: Any = ()

    @property
    def base(self) -> str:
        """The name of the workload that settings are selected on: its own, or that of which it is a variant."""
        return self.variant_of or self.name

    @property
    def bare(self) -> bool:
        """Whether it has neither dataset nor network: an analytic function, or a problem of one's own."""
        return self.function is not None or self.problem is not None

    @field_validator("dataset", "function", "initializer", "schedule")
    @classmethod
    def _component(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name in ("dataset", "function"):
            return None
        with as_problem():
            return fixed(f"{info.field_name}s", value, registry_of(info))

    @field_validator("network")
    @classmethod
    def _network(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None:
            return None
        with as_problem():
            return fixed("networks", value, registry_of(info), label="kind")

    @field_validator("problem")
    @classmethod
    def _problem(cls, value: Any, info: ValidationInfo) -> Any:
        if not {"dataset", "network", "function"} <= set(info.data):
            return value  # those have problems of their own
        given = [f for f in ("dataset", "network", "function") if info.data[f] is not None]
        given += ["problem"] if value is not None else []
        if given in ([], ["dataset"], ["network"]):
            if given:
                missing = "dataset" if given == ["network"] else "network"
                raise problem(f"{missing} is missing: a workload needs dataset and network", whole=True)
            raise problem("a workload needs dataset and network, or function, or problem", whole=True)
        if given not in (["dataset", "network"], ["function"], ["problem"]):
            ways = "either dataset and network, or function, or problem"
            raise problem(f"a workload has {ways}, not {' and '.join(given)}", whole=True)
        if value is None:
            return None
        with as_problem():
            return fixed("problems", value, registry_of(info))

    @field_validator("metric")
    @classmethod
    def _metric(cls, metric: str | None, info: ValidationInfo) -> str | None:
        settings = info.data.get("problem")
        if not isinstance(settings, dict):
            if metric is not None and "problem" in info.data:
                raise problem("only a problem of one's own says what its metric is, and it does so itself")
            return None
        with as_problem():
            own = registry_of(info).create("problems", settings).metric
        try:
            own and Metric.of(own)
        except OptbenchError as error:
            raise problem(f"problem {settings['name']}: {error}") from None
        if metric not in (None, own):
            raise problem(f"problem {settings['name']} has the metric {own!r}: leave this out, it is filled in")
        return str(own)

    @staticmethod
    def _bare(info: ValidationInfo) -> str:
        """What there is without dataset and network, in words."""
        names = {"function": "an analytic function", "problem": "a problem of one's own"}
        return next((word for field, word in names.items() if info.data.get(field) is not None), "")

    @field_validator("batch_size")
    @classmethod
    def _batch_size(cls, value: Any, info: ValidationInfo) -> Any:
        if value != "full":
            check_batch_size(value)
        elif online(info.data.get("dataset"), registry_of(info)):
            raise problem("online data have no full batch: give a number of examples")
        return value

    @staticmethod
    def read(kind: str, value: Any, registry: Registry) -> dict[str, Any]:
        return fixed(kind, value, registry)

    @field_validator("loss")
    @classmethod
    def _loss(cls, loss: str | None, info: ValidationInfo) -> str | None:
        task = cls._task(info)
        if task is None:
            if loss is not None and cls._bare(info):
                raise problem(f"{cls._bare(info)} is its own loss")
            return loss
        if loss is None:
            return LOSSES_OF[task][0]
        if loss not in LOSSES:
            raise problem(f"there is no loss {loss!r}; {near(loss, LOSSES)}")
        if loss not in LOSSES_OF[task]:
            valid = ", ".join(LOSSES_OF[task])
            raise problem(f"{loss} does not fit a {task} dataset; valid: {valid}")
        return loss

    @field_validator("steps")
    @classmethod
    def _budget(cls, steps: int | None, info: ValidationInfo) -> int | None:
        if "epochs" not in info.data:
            return steps
        epochs = info.data["epochs"]
        if epochs is not None and cls._bare(info):
            raise problem(f"{cls._bare(info)} has no epochs: give steps")
        if epochs is not None and online(info.data.get("dataset"), registry_of(info)):
            raise problem("online data have no epochs: give steps")
        if (steps is None) == (epochs is None):
            raise problem("a workload needs exactly one of epochs and steps", whole=True)
        return steps

    @field_validator("target", mode="before")
    @classmethod
    def _own_metric(cls, target: Any, info: ValidationInfo) -> Any:
        # `validation_latency` is enough where the problem's metric is latency:lower:ms
        own = info.data.get("metric") or ""
        if not isinstance(target, dict) or not isinstance(target.get("metric"), str):
            return target
        if "problem" not in info.data and target["metric"] not in KNOWN_TARGETS:
            return None  # its problem is told, without which nothing says what its metric is
        if ":" in own:
            short = Metric.of(own).name
            whole = {f"{split}_{short}": f"{split}_{own}" for split in ("train", "validation")}
            return {**target, "metric": whole.get(target["metric"], target["metric"])}
        return target

    @field_validator("target")
    @classmethod
    def _target(cls, target: Target | None, info: ValidationInfo) -> Target | None:
        if target is None or not (cls._bare(info) or info.data.get("dataset") is not None):
            return target
        task = cls._task(info)
        valid = target_metrics(info.data.get("metric") if task is None else METRIC_OF[task])
        if target.metric not in valid:
            hint = near(target.metric, valid)
            raise problem(
                f"there is no metric {target.metric!r} on this workload"
                + (f"; {hint}" if hint.startswith("did") else "")
                + f" (valid: {', '.join(valid)})"
            )
        return target

    @field_validator("evaluate_every")
    @classmethod
    def _evaluate_every(cls, every: int | None, info: ValidationInfo) -> int | None:
        steps = info.data.get("steps")
        if every is None and cls._bare(info) and steps:
            return max(1, steps // 100)
        return every

    @field_validator("evaluate_examples", "validate_every")
    @classmethod
    def _evaluation(cls, number: int | None, info: ValidationInfo) -> int | None:
        if own := cls._bare(info):
            if number is not None:
                raise problem(f"{own} has no examples and no splits")
            return None
        if number is not None:
            return number
        if info.field_name == "evaluate_examples":
            return EVALUATE_EXAMPLES
        target = info.data.get("target")
        return VALIDATE_EVERY if target is not None and target.metric.startswith("train_") else 1

    @field_validator("dtype")
    @classmethod
    def _dtype(cls, dtype: str | None, info: ValidationInfo) -> str:
        return dtype or ("float64" if cls._bare(info) else "float32")

    @staticmethod
    def _task(info: ValidationInfo) -> str | None:
        dataset = info.data.get("dataset")
        if not isinstance(dataset, dict):
            return None
        try:
            return task_of(dataset, registry_of(info))
        except OptbenchError as error:
            raise problem(str(error)) from None


def check_batch_size(value: Any, ways: str = 'or "full"') -> None:
    """Raise a problem unless `value` is a number of examples; `ways` names what else it may be."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1_000_000_000:
        raise problem(f"must be a whole number from 1 on {ways}, got {short(value)}")
