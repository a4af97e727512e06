"""torch's learning-rate schedulers as schedules, where they are functions of the step alone.

A scheduler is stepped once an epoch or once a step (its `unit`), as its documentation has it, on an optimizer of
rate 1: what it makes of that rate is the factor. Rates among its settings (eta_min, base_lr) are shares of the
optimizer's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import make_dataclass
from functools import lru_cache, partial
from importlib import import_module
from typing import Any, ClassVar

from optbench import ComponentError, Deferred, OptbenchError, Progress, Schedule, Unavailable, hyper
from optbench.bridging import field_of
from optbench_torch import library
from optbench_torch.signature import TECHNICAL, hyperparameters

#: name -> (class, unit, settings). BUDGET among the settings stands for the budget in units.
BUDGET = 0
SCHEDULERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "constant-lr": ("ConstantLR", "epoch", {"factor": 1 / 3, "total_iters": 5}),
    "linear-lr": ("LinearLR", "epoch", {"start_factor": 1 / 3, "end_factor": 1.0, "total_iters": 5}),
    "step-lr": ("StepLR", "epoch", {"step_size": 30, "gamma": 0.1}),
    "multi-step-lr": ("MultiStepLR", "epoch", {"milestones": (30, 80), "gamma": 0.1}),
    "exponential-lr": ("ExponentialLR", "epoch", {"gamma": 0.95}),
    "polynomial-lr": ("PolynomialLR", "epoch", {"total_iters": BUDGET, "power": 1.0}),
    "cosine-annealing-lr": ("CosineAnnealingLR", "epoch", {"T_max": BUDGET, "eta_min": 0.0}),
    "cosine-annealing-warm-restarts": (
        "CosineAnnealingWarmRestarts", "epoch", {"T_0": 10, "T_mult": 1, "eta_min": 0.0},
    ),
    "cyclic-lr": (
        "CyclicLR", "step", {"base_lr": 0.1, "step_size_up": 2000, "mode": "triangular", "gamma": 1.0},
    ),
    "one-cycle-lr": (
        "OneCycleLR", "step",
        {"total_steps": BUDGET, "pct_start": 0.3, "anneal_strategy": "cos", "div_factor": 25.0,
         "final_div_factor": 1e4, "three_phase": False},
    ),
}  # fmt: skip
FIXED = {"CyclicLR": {"max_lr": 1.0, "cycle_momentum": False}, "OneCycleLR": {"max_lr": 1.0, "cycle_momentum": False}}
#: those that know their rate at any step; all others multiply the one before
DIRECT = ("CyclicLR", "OneCycleLR")
WHOLE = ("total_iters", "T_max", "total_steps")
UNAVAILABLE = {
    "lambda-lr": "it needs a function: write a schedule of your own, or use torch:package.module:Class",
    "multiplicative-lr": "it needs a function: write a schedule of your own, or use torch:package.module:Class",
    "sequential-lr": "it needs other schedulers; optbench's warmup wraps any schedule",
    "chained-scheduler": "it needs other schedulers; optbench's warmup wraps any schedule",
    "reduce-lr-on-plateau": "it depends on the loss, and a schedule is a function of the step alone",
}


class TorchSchedule(Schedule):
    """What all bridged schedules share."""

    path: ClassVar[str]
    arguments: ClassVar[tuple[str, ...]]
    fixed: ClassVar[Mapping[str, Any]] = {}
    #: the class itself, where it was given and not named
    found: ClassVar[Any] = None

    def factor(self, progress: Progress) -> float:
        if self.unit == "step":  # type: ignore[attr-defined]
            return factors(self, progress.total_steps)[progress.step]
        epochs = -(-progress.total_steps // progress.steps_per_epoch)
        return factors(self, epochs)[progress.epoch]


class Factors:
    """The factors of one scheduler, computed as far as somebody asked."""

    def __init__(self, schedule: TorchSchedule, total: int):
        torch = library.torch_module()
        module, _, name = schedule.path.partition(":")
        values = {a: getattr(schedule, field_of(a, TorchSchedule)) for a in schedule.arguments}
        values = {a: total if a in WHOLE and v == BUDGET else v for a, v in values.items()}
        arguments = {a: list(v) if isinstance(v, tuple) else v for a, v in values.items()}
        self.optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        try:
            cls = schedule.found or getattr(import_module(module), name)
            self.scheduler = cls(self.optimizer, **arguments, **schedule.fixed)
        except (TypeError, ValueError) as error:
            raise ComponentError(f"schedule {schedule.name}: {error}") from error
        self.last = int(values.get("total_steps", total)) - 1 if name == "OneCycleLR" else None
        self.values = [self.rate()]

    def rate(self) -> float:
        return max(float(self.optimizer.param_groups[0]["lr"]), 0.0)

    def __getitem__(self, number: int) -> float:
        if self.last is not None:  # it refuses to go on
            number = min(number, self.last)
        if type(self.scheduler).__name__ in DIRECT:
            self.scheduler.last_epoch = number - 1
            self.optimizer.step()
            self.scheduler.step()
            return self.rate()
        while len(self.values) <= number:
            self.optimizer.step()  # which does nothing, and which torch wants to see first
            self.scheduler.step()
            self.values.append(self.rate())
        return self.values[number]


@lru_cache(maxsize=64)
def factors(schedule: TorchSchedule, total: int) -> Factors:
    return Factors(schedule, total)


def schedules() -> Iterator[Deferred | Unavailable]:
    """Every scheduler of torch, or why it cannot be used."""
    reason = library.missing("torch", "optim/lr_scheduler.py")
    for name, (cls, unit, settings) in SCHEDULERS.items():
        called = f"torch/{name}"
        path = f"torch.optim.lr_scheduler:{cls}"
        make = partial(component, called, path, unit, settings, FIXED.get(cls, {}), library.behind("torch"))
        yield Unavailable(called, reason) if reason else Deferred(called, make)
    for name, why in UNAVAILABLE.items():
        yield Unavailable(f"torch/{name}", why)


def component(
    name: str,
    path: str,
    unit: str,
    settings: Mapping[str, Any],
    fixed: Mapping[str, Any],
    bridge: str,
    required: tuple[str, ...] = (),
) -> type[TorchSchedule]:
    """A component class of a scheduler: a field for each of its settings, and its unit."""
    fields: list[Any] = [(field_of(argument, TorchSchedule), Any) for argument in required]
    for argument, default in settings.items():
        whole = argument in WHOLE and default == BUDGET
        spec = hyper(default, priority=3, help="0: the budget" if whole else "")
        fields.append((field_of(argument, TorchSchedule), type(default), spec))
    choices = ("epoch", "step")
    fields.append(("unit", str, hyper(unit, scale="choice", choices=choices, priority=3, help="when it is stepped")))
    whole_budget = " 0 stands for the whole budget." if BUDGET in settings.values() else ""
    return make_dataclass(
        path.rpartition(":")[2].replace(".", "_"),
        fields,
        bases=(TorchSchedule,),
        frozen=True,
        kw_only=True,
        namespace={
            "__doc__": f"{path.replace(':', '.')}, stepped once a unit, on a rate of 1.{whole_budget}",
            "__module__": __name__,
            "name": name,
            "reference": "https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate",
            "bridge": bridge,
            "path": path,
            "arguments": (*required, *settings),
            "fixed": dict(fixed),
        },
    )


def name_of(found: type) -> str:
    """What a scheduler of torch is offered as; empty where it is none of these."""
    names = {cls: name for name, (cls, _, _) in SCHEDULERS.items()}
    lr_scheduler = library.torch_module().optim.lr_scheduler
    if getattr(lr_scheduler, found.__name__, None) is not found:
        return ""
    words = "".join(f"-{c.lower()}" if c.isupper() else c for c in found.__name__).strip("-").replace("-l-r", "-lr")
    called = names.get(found.__name__, words)
    return f"torch/{called}" if called in {*SCHEDULERS, *UNAVAILABLE} else ""


def own(name: str, path: str, found: Any, bridge: str, given: bool = False) -> type[TorchSchedule]:
    """The component class of a user's own scheduler class, by its path or (`given`) as it is."""
    torch = library.torch_module()
    if not (isinstance(found, type) and issubclass(found, torch.optim.lr_scheduler.LRScheduler)):
        raise OptbenchError(f"{path} is not a subclass of torch.optim.lr_scheduler.LRScheduler")
    settings, required = hyperparameters(found, {*TECHNICAL, "last_epoch", "verbose"})
    made = component(name, path, "epoch", settings, {}, bridge, required)
    if given:
        made.found = found
    return made
