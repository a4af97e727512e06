"""An optax schedule as an optbench schedule: all its factors are computed once, by jax, for the whole budget."""

import itertools
from collections.abc import Callable
from dataclasses import make_dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from optbench import ComponentError, Progress, Schedule, hyper
from optbench_optax.classes import libraries
from optbench_optax.table import Curve


class OptaxSchedule(Schedule):
    """The base of all: subclasses say which function of the step."""

    #: settings that are numbers of steps, or shares of the budget
    steps: ClassVar[tuple[str, ...]] = ()

    def function(self, total: int) -> Callable[[Any], Any]:
        """optax's function of the step, for a budget of so many steps."""
        raise NotImplementedError

    def factor(self, progress: Progress) -> float:
        factors = _factors(self, progress.total_steps)
        return factors[min(progress.step, progress.total_steps)]


class Offered(OptaxSchedule):
    """Those of the table."""

    curve: ClassVar[str] = ""

    def function(self, total: int) -> Callable[[Any], Any]:
        import optax

        arguments = {name: self._setting(name, total) for name in type(self).hyperparameters()}
        if self.curve == "sgdr_schedule":
            return optax.sgdr_schedule(_cycles(arguments, total))
        if "boundaries" in arguments:
            boundaries, scales = arguments.pop("boundaries"), arguments.pop("scales")
            if len(boundaries) != len(scales):
                raise ComponentError(
                    f"schedule {self.name}: boundaries and scales must be of one length, got {boundaries} and {scales}"
                )
            arguments["boundaries_and_scales"] = dict(zip(boundaries, scales, strict=True))
        return getattr(optax, self.curve)(**arguments)

    def _setting(self, name: str, total: int) -> Any:
        value = getattr(self, name)
        if name == "end_value" and "decay_rate" in type(self).hyperparameters() and value == 0:
            return None
        if name in self.steps:
            return tuple(in_steps(v, total) for v in value) if isinstance(value, tuple) else in_steps(value, total)
        return value


def in_steps(value: float, total: int) -> int:
    """A share of the budget up to 1, or a number of steps."""
    return round(value * total) if value <= 1 else round(value)


def _cycles(arguments: dict[str, Any], total: int) -> list[dict[str, Any]]:
    count = arguments["cycles"]
    ends = [round(total * k / count) for k in range(count + 1)]
    return [
        {
            "init_value": arguments["init_value"],
            "peak_value": arguments["peak_value"] * arguments["decay"] ** number,
            "decay_steps": end - start,
            "warmup_steps": round(arguments["warmup"] * (end - start)),
            "end_value": arguments["end_value"],
        }
        for number, (start, end) in enumerate(itertools.pairwise(ends))
        if end > start
    ]


@lru_cache(maxsize=64)
def _factors(schedule: OptaxSchedule, total: int) -> list[float]:
    import jax
    import jax.numpy as jnp

    with jax.enable_x64(True):
        function = schedule.function(total)
        values = np.asarray(jax.jit(jax.vmap(function))(jnp.arange(total + 1)), np.float64)
    if values.shape != (total + 1,):
        raise ComponentError(
            f"schedule {schedule.name}: a schedule gives one number a step, got an array {values.shape}"
        )
    return values.tolist()


def offered(curve: Curve) -> type[OptaxSchedule]:
    """The component class of a row of the table."""
    fields = []
    for name, value in curve.settings.items():
        text = "up to 1: a share of the budget; else steps" if name in curve.steps else ""
        if value is None:
            value, text = 0.0, "0: not given to optax"
        fields.append((name, type(value), hyper(value, priority=3, help=text)))
    namespace = {
        "__doc__": f"optax.{curve.name}: {curve.text[0].lower()}{curve.text[1:]}",
        "__module__": __name__,
        "name": f"optax/{curve.name}",
        "reference": "optax's documentation",
        "bridge": libraries(),
        "curve": curve.name,
        "steps": curve.steps,
    }
    return make_dataclass(f"Optax_{curve.name}", fields, bases=(Offered,), frozen=True, namespace=namespace)
